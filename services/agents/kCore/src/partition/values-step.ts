// Brings values that are not in memory to the step that needs them: asks for them, keeps them until used, reads them for the pure core.

import { KosError } from "@kos/klp";
import { itemsOf } from "../plan/decide-dispatch.ts";
import type { OutputRef, TaskState } from "../plan/plan-state.ts";
import type { Supply } from "../plan/prepare-call.ts";
import { neededOutputs } from "../plan/values.ts";
import type { PartitionCore } from "./partition-core.ts";
import type { ValueAddress } from "./partition-io.ts";
import type { Resident } from "./resident.ts";
import { ownStash, stashOf } from "./stash.ts";

/** Values kept beside a plan at most, in outputs; past it they are read again. */
const MAX_KEPT_VALUES = 512;

function keyOf(output: OutputRef): string {
  return output.blob?.hash ?? `#${output.seq}`;
}

export function reusedKey(seq: number): string {
  return `reused#${seq}`;
}

/** True when all outputs behind the names are at hand; otherwise they have been asked for. */
export function hasValues(core: PartitionCore, resident: Resident, names: readonly string[]): boolean {
  const { state } = resident;
  if (state === undefined || names.length === 0) return true;
  const missing = neededOutputs(state, names).filter((output) => !stashOf(resident).values.has(keyOf(output)));
  return (
    missing.length === 0 ||
    askFor(
      core,
      resident,
      missing.map((output) => addressOf(resident.planId, output)),
    )
  );
}

export function hasOutput(core: PartitionCore, resident: Resident, output: OutputRef): boolean {
  if (output.value !== undefined || stashOf(resident).values.has(keyOf(output))) return true;
  return askFor(core, resident, [addressOf(resident.planId, output)]);
}

/** Always false: it is on its way. */
export function askFor(core: PartitionCore, resident: Resident, addresses: readonly ValueAddress[]): false {
  const values = addresses.filter(({ key }) => !stashOf(resident).loading.has(key));
  for (const { key } of values) ownStash(resident).loading.add(key);
  // Held, since the event that holds a value may itself still be on its way to disk, and only what is on disk can be read back.
  if (values.length > 0) core.outbox.hold({ kind: "load_values", planId: resident.planId, values });
  return false;
}

function addressOf(planId: string, output: OutputRef): ValueAddress {
  return { key: keyOf(output), planId, seq: output.seq, blob: output.blob?.hash };
}

export function supplyOf(resident: Resident): Supply {
  const read = (output: OutputRef): unknown => {
    const key = keyOf(output);
    if (output.value !== undefined) return output.value;
    if (!stashOf(resident).values.has(key))
      throw new KosError("INTERNAL", `The value of event ${output.seq} of plan ${resident.planId} was not loaded.`);
    return stashOf(resident).values.get(key);
  };
  return { read, list: (parent) => listOf(resident, parent, read) };
}

/** Worked out once for all items. */
function listOf(resident: Resident, parent: TaskState, read: Supply["read"]): readonly unknown[] {
  let list = stashOf(resident).lists.get(parent);
  if (list === undefined && resident.state !== undefined) {
    list = itemsOf(resident.state, parent, { read });
    ownStash(resident).lists.set(parent, list);
  }
  return list ?? [];
}

/** Whether work is in line that may have been given its values already. */
function isWaiting(resident: Resident): boolean {
  for (const queue of resident.ready.values()) if (queue.size > 0) return true;
  return false;
}

/** Called when nothing waits for them any more. */
export function trimValues(resident: Resident): void {
  const { stash } = resident;
  if (stash === undefined || stash.parked.size > 0) return;
  if (stash.values.size > MAX_KEPT_VALUES && !isWaiting(resident)) stash.values.clear();
  for (const parent of stash.lists.keys()) if (parent.items === undefined || parent.items.left === 0) stash.lists.delete(parent);
}
