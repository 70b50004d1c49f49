// A plan's state as plain data, for comparing a live state with a replayed one.

import type { PlanState, TaskState } from "./plan-state.ts";

/** Equal states give equal dumps. What is shared (the shape) is named by its hash. */
export function dumpPlan(state: PlanState): unknown {
  const { shape, tasks, waits, joinable, touched: _touched, reusable, ...rest } = state;
  return {
    ...rest,
    shape: shape.tasks.map(({ task, depth, needs, alternative }) => [task.task_id, depth, needs, alternative?.capability ?? null]),
    tasks: tasks.map(dumpTask),
    waits: [...waits].map(([id, task]) => `${id} ${task?.id ?? ""}`).sort(),
    joinable: [...joinable].map((task) => task.id).sort(),
    reusable: reusable && [...reusable],
  };
}

function dumpTask(task: TaskState): unknown {
  const { shape, parent, items, touched: _touched, ...rest } = task;
  return { ...rest, shape: shape.index, parent: parent?.id, items: items && { ...items, list: items.list.map(dumpTask) } };
}
