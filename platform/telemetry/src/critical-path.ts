// The chain of tasks that decided when the plan was done: from the task that ended last, back over whichever dependency ended last.

export interface PathStep {
  readonly task_id: string;
  /** Between the end of the step before (or the plan's start) and the end of this one. */
  readonly ms: number;
}

/** `ends` in milliseconds since the epoch. The steps' times add up to the span from `beginMs` to the last end. */
export function criticalPath(
  ends: ReadonlyMap<string, number>,
  dependencies: ReadonlyMap<string, readonly string[]>,
  beginMs: number,
): readonly PathStep[] {
  const itemsOf = groupItems(ends);
  const steps: PathStep[] = [];
  const seen = new Set<string>();
  let here = latest([...ends.keys()], ends);
  while (here !== undefined && !seen.has(here)) {
    seen.add(here);
    const before = latest(
      causes(here, dependencies, itemsOf).filter(
        (name) => !seen.has(name) && (ends.get(name) ?? Number.POSITIVE_INFINITY) <= (ends.get(here ?? "") ?? 0),
      ),
      ends,
    );
    const fromMs = before === undefined ? beginMs : (ends.get(before) ?? beginMs);
    steps.push({ task_id: here, ms: Math.max(0, (ends.get(here) ?? beginMs) - fromMs) });
    here = before;
  }
  return steps.reverse();
}

/** A joined task waited for its items; an item, like a plain task, for what its task depends on. */
function causes(
  taskId: string,
  dependencies: ReadonlyMap<string, readonly string[]>,
  itemsOf: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const items = itemsOf.get(taskId);
  return items ?? dependencies.get(baseName(taskId)) ?? [];
}

function groupItems(ends: ReadonlyMap<string, number>): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const name of ends.keys()) {
    const base = baseName(name);
    if (base === name) continue;
    const group = groups.get(base);
    if (group === undefined) groups.set(base, [name]);
    else group.push(name);
  }
  return groups;
}

function baseName(taskId: string): string {
  const bracket = taskId.indexOf("[");
  return bracket < 0 ? taskId : taskId.slice(0, bracket);
}

function latest(names: readonly string[], ends: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  for (const name of names) {
    const end = ends.get(name);
    // Of equal ends the later one counts: a join is recorded after its last item.
    if (end !== undefined && (best === undefined || end >= (ends.get(best) ?? 0))) best = name;
  }
  return best;
}
