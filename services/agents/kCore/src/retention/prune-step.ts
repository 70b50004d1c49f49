// Takes a plan out of the tables, in one commit with the record of where its archive lies.

import { KosError } from "@kos/klp";
import { refuse } from "../partition/command-step.ts";
import type { PartitionCore } from "../partition/partition-core.ts";
import type { PartitionInput } from "../partition/partition-io.ts";
import { isIdle } from "../partition/resident.ts";
import { isoTime } from "../plan/iso-time.ts";
import { archivedPlanRow } from "./archived-plan.ts";

/** The owner of the partition does it, so that nobody else can be at work on the plan. */
export function onPrune(core: PartitionCore, { reply, planId, tenant, removal }: Extract<PartitionInput, { kind: "prune" }>): void {
  const resident = core.residents.get(planId);
  if (resident !== undefined) {
    const isOver = resident.state?.phase === "finished" && isIdle(resident) && resident.batch < core.outbox.oldestOpenBatch;
    if (!isOver) return refuse(core, reply, new KosError("CONFLICT", `Plan ${planId} is in use; it is removed another time.`, { planId }));
    core.wakes.remove(resident);
    core.residents.delete(planId);
  }
  const { record, rows } = removal;
  const { partition, newId } = core.ports;
  const stream = newId();
  const at = isoTime(core.nowMs);
  core.outbox.addOther({ type: "retention.archived", tenant, plan_id: stream, plan_seq: 1, at, payload: JSON.stringify(record) });
  core.outbox.putRow(`archived_plan ${planId}`, archivedPlanRow(record, tenant, partition, stream, core.nowMs));
  for (const row of rows) {
    const source = row.op === "put" ? row.row : row.key;
    core.outbox.putRow(`${row.table} ${String(Object.values(source)[0])}`, row);
  }
  core.outbox.hold({ kind: "reply", reply, accepted: { planId, status: undefined } });
}
