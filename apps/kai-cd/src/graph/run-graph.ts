// The graph of a run as it is drawn: a node for each task, and one for many that do the same in the same place. Items of a `for_each` are
// counted in their task, so that five hundred of them stay one node.

import type { TaskRow } from "@kos/api";

export interface GraphNode {
  readonly id: string;
  /** One task, or those that are drawn as one. */
  readonly taskIds: readonly string[];
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Work that a running task added. */
  readonly isSubtask: boolean;
}

export interface RunGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Up to here every task is a node of its own. */
const MOST_SINGLE = 60;
/** Fewer alike are not worth folding. */
const LEAST_FOLDED = 4;
/** More nodes than this are a list, not a picture. */
export const MOST_NODES = 300;

type Shape = Pick<TaskRow, "taskId" | "capability" | "dependsOn" | "parentId">;

export function runGraph(tasks: Iterable<Shape>): RunGraph {
  const all = [...tasks];
  const nodes = all.length <= MOST_SINGLE ? all.map(single) : folded(all);
  const nodeOf = new Map(nodes.flatMap((node) => node.taskIds.map((taskId) => [taskId, node.id] as const)));
  const edges = new Map<string, GraphEdge>();
  const add = (from: string | undefined, to: string | undefined, isSubtask: boolean) => {
    if (from !== undefined && to !== undefined && from !== to) edges.set(`${from}\n${to}`, { from, to, isSubtask });
  };
  for (const task of all) {
    const to = nodeOf.get(task.taskId);
    if (task.parentId !== undefined) add(nodeOf.get(task.parentId), to, true);
    for (const name of task.dependsOn) add(nodeOf.get(name), to, false);
  }
  return { nodes, edges: [...edges.values()] };
}

function single({ taskId }: Shape): GraphNode {
  return { id: taskId, taskIds: [taskId] };
}

/** Tasks with the same capability that wait for the same and that the same wait for are drawn as one. */
function folded(tasks: readonly Shape[]): readonly GraphNode[] {
  const followers = new Map<string, string[]>();
  for (const { taskId, dependsOn } of tasks) for (const name of dependsOn) followers.set(name, [...(followers.get(name) ?? []), taskId]);
  const keyOf = ({ taskId, capability, dependsOn, parentId }: Shape) =>
    JSON.stringify([capability, parentId ?? "", dependsOn.toSorted(), (followers.get(taskId) ?? []).toSorted()]);
  return [...Map.groupBy(tasks, keyOf).values()].flatMap((alike): readonly GraphNode[] => {
    if (alike.length < LEAST_FOLDED) return alike.map(single);
    return [{ id: `${alike[0]?.taskId} and others`, taskIds: alike.map(({ taskId }) => taskId) }];
  });
}
