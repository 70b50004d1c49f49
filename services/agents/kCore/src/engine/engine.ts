// The engine: joins partitions to the real store, bus, queue, clock and agents. All decisions are in the partitions; here are only promises.

import type { MessageToAgent } from "@kos/agent";
import type { TaskAccepted } from "@kos/api";
import { isKosError, KosError } from "@kos/klp";
import type { PlanStatus } from "@kos/plan";
import type { Caller, Engine, EngineOptions, SubmitRequest } from "../engine-api.ts";
import { isAgentMessage } from "../partition/agent-message.ts";
import type { Accepted, PartitionCommand, PublishedEvent } from "../partition/partition-io.ts";
import { needsBlob, type PreparedValue, prepareValue } from "../plan/values.ts";
import { PlanReader } from "../queries/plan-reader.ts";
import { createQueries } from "../queries/queries.ts";
import { createRetention } from "../retention/retention.ts";
import { type AgentControl, createAgentControl } from "./agent-control.ts";
import { type EngineParts, engineParts } from "./engine-parts.ts";
import { createOpenPlansGate } from "./open-plans.ts";
import { PartitionDriver } from "./partition-driver.ts";
import { prepareCommand } from "./prepare-command.ts";
import { publishEvents } from "./publish.ts";
import { rerun } from "./rerun.ts";
import { createScheduling } from "./scheduling.ts";
import { keyScope, newPlanId, submissionOf } from "./submission.ts";
import { createSweeper } from "./sweeper.ts";

const CLOSE_MS = 10_000;

/** Opens the owned partitions; resolves when the engine is ready. Errors: as of the store. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const parts = engineParts(options);
  const { transport, bus, clock } = options;
  const drivers = new Map<number, PartitionDriver>();
  const admit = createOpenPlansGate(parts);
  let closing = false;
  let flushWanted = false;

  const outgoing: { readonly agent: string; readonly message: MessageToAgent }[] = [];

  /**
   * Everything handled in this turn goes into one commit a partition. Messages leave when the partitions are done: an agent beside the engine
   * may answer at once, and must not find a partition in the middle of something.
   */
  function turned(): void {
    if (flushWanted) return;
    flushWanted = true;
    queueMicrotask(() => {
      flushWanted = false;
      for (const driver of drivers.values()) driver.flush();
      for (const { agent, message } of outgoing.splice(0)) transport.send(agent, message);
    });
  }

  const agents: AgentControl = createAgentControl(parts, () => {
    parts.dispatcher.poke();
    parts.dispatcher.pump(parts.now());
    turned();
  });

  for (const number of options.owns ?? Array.from({ length: parts.partitions }, (_, index) => index)) {
    const driver = new PartitionDriver(number, parts, {
      send(agent, message) {
        outgoing.push({ agent, message });
        turned();
      },
      publish: (partition, events: readonly PublishedEvent[]) => publishEvents(bus, partition, events),
      progress({ tenant, planId, taskId, agent, progress }) {
        const at = new Date(parts.now()).toISOString();
        bus.publish(`plan:${planId}`, { kind: "progress", tenant, plan_id: planId, task_id: taskId, agent, at, progress });
      },
      publishSchedule({ tenant, scheduleId, event: { type, payload }, at }) {
        bus.publish("system", { kind: "schedule", tenant, schedule_id: scheduleId, type, at, payload });
      },
      reopened: () => sweeper.sweepNow(),
      turned,
      failed: (_, error) => options.onStopped?.(error),
    });
    drivers.set(number, driver);
  }
  const sweeper = createSweeper(parts, drivers, agents);

  function driverOf(planId: string): PartitionDriver {
    const driver = drivers.get(parts.partitionOf(planId));
    if (driver === undefined) throw new KosError("UNAVAILABLE", "Another engine owns this plan's partition.", { planId });
    if (driver.isStuck(planId)) {
      throw new KosError("INTERNAL", `Plan ${planId} could not be decided about and is left alone. Look at the log.`, { planId });
    }
    return driver;
  }

  async function commandPlan(caller: Caller, planId: string, command: PartitionCommand): Promise<TaskAccepted> {
    const accepted = await driverOf(planId).ask((reply) => ({
      kind: "command",
      reply,
      tenant: caller.tenant,
      planId,
      actor: { id: caller.id, kind: caller.kind },
      command,
    }));
    return answer(parts, accepted);
  }

  async function submit(request: SubmitRequest): Promise<TaskAccepted> {
    refuseWhenClosing(closing);
    const key = keyScope(parts, request);
    await admit(key);
    const submission = await submissionOf(parts, request, key);
    const planId = newPlanId(parts, key);
    const accepted = await driverOf(planId).ask((reply) => ({ kind: "submit", reply, tenant: request.caller.tenant, planId, submission }));
    return answer(parts, accepted);
  }

  await agents.restore();
  for (const driver of drivers.values()) await driver.open();
  const stopHints = options.queue.subscribe(({ partition, plan_id: planId }) => {
    // Whoever pushes a hint may be in the middle of something.
    queueMicrotask(() => {
      const driver = drivers.get(partition);
      if (driver !== undefined && !closing && !driver.isStuck(planId)) driver.handle({ kind: "hint", planId });
    });
  });
  await sweeper.start();

  async function close(withinMs: number = CLOSE_MS): Promise<void> {
    if (closing) return;
    closing = true;
    stopHints();
    sweeper.stop();
    parts.dispatcher.close();
    await drained(parts, drivers, withinMs);
    for (const driver of drivers.values()) driver.close();
  }

  const source = { tables: options.tables, log: options.log, blobs: options.blobs, partitionOf: parts.partitionOf };
  const reader = new PlanReader(source);
  const openDriverOf = (id: string): PartitionDriver => {
    refuseWhenClosing(closing);
    return driverOf(id);
  };
  return {
    queries: createQueries(source, reader),
    retention: createRetention(parts, openDriverOf, [...drivers.keys()], (planId) => reader.forget(planId)),
    registry: agents,
    schedules: createScheduling(parts, openDriverOf, () => drivers.values()),
    submit,
    async command(caller, command) {
      refuseWhenClosing(closing);
      const { planId, command: prepared } = await prepareCommand(parts, caller, command);
      return commandPlan(caller, planId, prepared);
    },
    async rerun(request) {
      refuseWhenClosing(closing);
      await admit(keyScope(parts, request));
      const { planId, submission } = await rerun(parts, request);
      const accepted = await driverOf(planId).ask((reply) => ({
        kind: "submit",
        reply,
        tenant: request.caller.tenant,
        planId,
        submission,
      }));
      return answer(parts, accepted);
    },
    receive(agent, message, evidence) {
      // The proof says who sent it, not that it makes sense.
      if (!isAgentMessage(message)) return;
      const driver = drivers.get(parts.partitionOf(message.plan_id));
      if (driver === undefined || driver.isStuck(message.plan_id)) return;
      const envelopeHash = evidence?.envelopeHash;
      const output = message.type === "TASK_RESULT" ? prepareOutput(message.payload.output) : undefined;
      if (output === undefined || !needsBlob(output)) return driver.handle({ kind: "message", agent, message, output, envelopeHash });
      // The blob has to be on disk before an event refers to it.
      options.blobs.put(Buffer.from(output.text), "application/json").then(
        () => driver.handle({ kind: "message", agent, message, output, envelopeHash }),
        (error: unknown) => {
          const { payload, ...rest } = message;
          const cause = isKosError(error) ? error : new KosError("UNAVAILABLE", "The result could not be stored.", { cause: error });
          options.logger?.error("a result could not be stored", {
            plan_id: message.plan_id,
            task_id: message.task_id,
            code: cause.code,
            error: cause,
          });
          const failure = { code: cause.code, message: cause.message, retryable: true };
          const lease = { attempt: payload.attempt, lease_token: payload.lease_token };
          driver.handle({
            kind: "message",
            agent,
            message: { ...rest, type: "TASK_ERROR", payload: { ...lease, error: failure, run_ms: 0 } },
          });
        },
      );
    },
    lost(calls) {
      for (const call of calls) drivers.get(parts.partitionOf(call.planId))?.handle({ kind: "lost", ...call });
    },
    hint({ partition, plan_id: planId }) {
      if (!closing) drivers.get(partition)?.handle({ kind: "hint", planId });
    },
    close,
    async [Symbol.asyncDispose]() {
      await close();
    },
  };

  async function drained(shared: EngineParts, open: ReadonlyMap<number, PartitionDriver>, withinMs: number): Promise<void> {
    const STEP_MS = 10;
    const untilMs = shared.now() + withinMs;
    const isBusy = (): boolean =>
      [...open.values()].some(
        ({ partition }) => partition !== undefined && !partition.isStopped && (!partition.isQuiet || partition.running() > 0),
      );
    while (isBusy() && shared.now() < untilMs) await new Promise<void>((resolve) => void clock.after(STEP_MS, resolve));
  }
}

function refuseWhenClosing(closing: boolean): void {
  if (closing) throw new KosError("UNAVAILABLE", "The node is stopping. Send it again when it is back.");
}

function prepareOutput(output: unknown): PreparedValue | undefined {
  try {
    return prepareValue(output);
  } catch {
    // The partition says so to the plan.
    return undefined;
  }
}

async function answer(parts: EngineParts, accepted: Accepted): Promise<TaskAccepted> {
  const { planId } = accepted;
  const status = accepted.status ?? (await statusInTables(parts, planId));
  return { task_id: planId, plan_id: planId, status };
}

async function statusInTables({ options }: EngineParts, planId: string): Promise<PlanStatus> {
  const [row] = await options.tables.read<{ status: PlanStatus }>((query) =>
    query.selectFrom("plan").select("status").where("plan_id", "=", planId),
  );
  return row?.status ?? "running";
}
