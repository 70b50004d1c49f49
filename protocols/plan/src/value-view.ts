// What is known, before anything runs, of the value behind a reference: the output schema of its task, or of a for_each item.

import type { CapabilityCatalogue } from "./capability-shape.ts";
import type { Task } from "./plan.ts";
import type { PlacedReference } from "./reference.ts";
import type { SchemaView } from "./schema-view.ts";
import { stepInto, viewSchema } from "./schema-view.ts";

const OPEN: SchemaView = { kind: "open" };
const INDEX: SchemaView = viewSchema({ type: "integer" });

/** `viewOf(reference, items)`: the view at the end of the reference's path; `items` are the references of the reader's `for_each`. */
export function createViews(
  tasks: ReadonlyMap<string, Task>,
  catalogue: CapabilityCatalogue,
): (reference: Pick<PlacedReference, "name" | "path">, items: readonly PlacedReference[]) => SchemaView {
  const outputs = new Map<string, SchemaView>();

  function outputOf(name: string): SchemaView {
    const known = outputs.get(name);
    if (known !== undefined) return known;
    const task = tasks.get(name);
    const view = task === undefined ? OPEN : viewOutput(task, catalogue);
    outputs.set(name, view);
    return view;
  }

  function rootOf(name: string, items: readonly PlacedReference[]): SchemaView {
    if (name === "index") return INDEX;
    return name === "item" ? itemOf(items) : outputOf(name);
  }

  /** A literal list may hold references of its own inside; then nothing is known of an item. */
  function itemOf([reference]: readonly PlacedReference[]): SchemaView {
    if (reference === undefined || !reference.whole || reference.steps.length > 0) return OPEN;
    return stepInto(reference.path.reduce<SchemaView>(stepInto, outputOf(reference.name)), 0);
  }

  return (reference, items) => reference.path.reduce<SchemaView>(stepInto, rootOf(reference.name, items));
}

/** A for_each gives the list of its items' outputs. With a fallback either capability may have made it, so nothing is certain. */
function viewOutput(task: Task, catalogue: CapabilityCatalogue): SchemaView {
  const capability = catalogue.get(task.capability);
  const fallback = task.review?.fallback;
  if (capability === undefined || (fallback !== undefined && fallback.capability !== task.capability)) return OPEN;
  if (task.for_each === undefined) return viewSchema(capability.output);
  return { kind: "known", root: capability.output, alternatives: [{ type: "array", items: capability.output }] };
}
