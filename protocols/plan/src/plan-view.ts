// A plan as people read it: a tree for the terminal, Mermaid for documents. Plain text without colour; callers add that.

import { dependenciesOf, forEachItems, orderTasks } from "./dependencies.ts";
import type { PlanGraph, Task } from "./plan.ts";

export interface PlanTreeOptions {
  /** Shows capabilities beside titles. Default true. */
  readonly capabilities?: boolean;
  /** More tasks than this are counted, not shown. Default 200. */
  readonly maxTasks?: number;
  /** Tasks whose calls a person must approve because of what flows into them: task id to reason. */
  readonly approvals?: Readonly<Record<string, string>>;
}

const DEFAULT_MAX_TASKS = 200;
const MAX_TITLE = 100;

/**
 * Each task once, below the task that it waits for and that comes last; others it waits for are named behind it. Subtasks stand below
 * their parent. One line a task. Errors: BAD_REQUEST for a plan whose references cannot be read; check it first.
 */
export function planTree(graph: PlanGraph, options: PlanTreeOptions = {}): string {
  const maxTasks = options.maxTasks ?? DEFAULT_MAX_TASKS;
  const needs = new Map(graph.tasks.map((task) => [task.task_id, dependenciesOf(task)] as const));
  const tasks = new Map(graph.tasks.map((task) => [task.task_id, task] as const));
  const children = childLists(graph, needs);
  const lines = [clean(graph.goal, MAX_TITLE)];
  let left = graph.tasks.length;

  // A stack instead of recursion: a chain of ten thousand tasks is as deep as it is long.
  const roots = children.get("") ?? [];
  const open = roots.map((id, position) => ({ id, indent: "", isLast: position === roots.length - 1, above: "" })).reverse();
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const { id, indent, isLast, above } = entry;
    const task = tasks.get(id);
    if (task === undefined) continue;
    if (lines.length > maxTasks) break;
    left -= 1;
    lines.push(`${indent}${isLast ? "└─ " : "├─ "}${taskLine(task, needs.get(id) ?? [], above, options)}`);
    const below = children.get(id) ?? [];
    const deeper = indent + (isLast ? "   " : "│  ");
    open.push(
      ...below.map((child, position) => ({ id: child, indent: deeper, isLast: position === below.length - 1, above: id })).reverse(),
    );
  }
  if (left > 0) lines.push(`   … and ${left} more`);
  return `${lines.join("\n")}\n`;
}

/** A Mermaid flowchart, labels escaped. Errors: as `planTree`. */
export function planMermaid(graph: PlanGraph): string {
  const ids = new Map(graph.tasks.map((task, position) => [task.task_id, `t${position}`] as const));
  const lines = ["flowchart TD"];
  for (const task of graph.tasks) {
    const label = `${quoted(clean(task.title, MAX_TITLE))}<br/><small>${quoted(task.capability)}</small>`;
    const [open, close] = task.for_each === undefined ? ["[", "]"] : ["[[", "]]"];
    lines.push(`  ${ids.get(task.task_id) ?? ""}${open}"${label}"${close}`);
  }
  for (const task of graph.tasks) {
    const arrow = task.when === undefined ? "-->" : "-.->";
    for (const need of dependenciesOf(task))
      if (ids.has(need)) lines.push(`  ${ids.get(need) ?? ""} ${arrow} ${ids.get(task.task_id) ?? ""}`);
    if (task.parent_id !== undefined && ids.has(task.parent_id))
      lines.push(`  ${ids.get(task.parent_id) ?? ""} -.- ${ids.get(task.task_id) ?? ""}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Children by parent, roots under "": the parent of a task is the last, in execution order, of those it waits for. */
function childLists(graph: PlanGraph, needs: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const result = orderTasks(needs);
  const order = "order" in result ? result.order : graph.tasks.map((task) => task.task_id);
  const place = new Map(order.map((name, position) => [name, position]));
  const children = new Map<string, string[]>();
  for (const task of graph.tasks) {
    const known = (needs.get(task.task_id) ?? []).filter((need) => place.has(need) && need !== task.task_id);
    const last = known.reduce<string | undefined>(
      (best, need) => (best === undefined || (place.get(need) ?? 0) > (place.get(best) ?? 0) ? need : best),
      undefined,
    );
    const parent = ("order" in result ? (task.parent_id ?? last) : undefined) ?? "";
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [task.task_id]);
    else list.push(task.task_id);
  }
  return children;
}

function taskLine(task: Task, needs: readonly string[], above: string, options: PlanTreeOptions): string {
  const others = needs.filter((need) => need !== above);
  const notes = [
    ...(options.capabilities === false ? [] : [task.capability]),
    ...(task.for_each === undefined ? [] : [`for each of ${itemsWord(task)}`]),
    ...(task.when === undefined ? [] : [`when ${clean(task.when, 60)}`]),
    ...(task.review === undefined ? [] : ["reviewed"]),
    ...(task.approval === undefined || task.approval === false ? [] : ["asks for approval"]),
    ...(others.length === 0 ? [] : [`after ${others.slice(0, 4).join(", ")}${others.length > 4 ? `, +${others.length - 4}` : ""}`]),
  ];
  const reason = options.approvals?.[task.task_id];
  const warning = reason === undefined ? "" : `  ! needs approval: ${clean(reason, 200)}`;
  return `${task.task_id}: ${clean(task.title, MAX_TITLE)}${notes.length > 0 ? `  (${notes.join("; ")})` : ""}${warning}`;
}

function itemsWord(task: Task): string {
  const items = task.for_each === undefined ? [] : forEachItems(task.for_each);
  return Array.isArray(items) ? `${items.length}` : clean(String(items), 60);
}

/** One line, without control or invisible characters that could mislead a reader ([R67], [R107]). */
function clean(text: string, maxChars: number): string {
  const line = text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?")
    .trim();
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 1)}…`;
}

/** Mermaid takes HTML entities in quoted labels; everything that could end the label or start a tag becomes one. */
function quoted(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} .,:;_/()+-]/gu, (character) => `#${character.codePointAt(0) ?? 63};`);
}
