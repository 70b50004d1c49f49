// Carries out what kCore asks of an agent: checks params and output against the schemas, gives each call its context, answers once.
// It knows nothing of pipes, sockets or proofs; whoever hosts it moves the messages.

import { isKosError, KosError, toWireError } from "@kos/klp";
import { Compile } from "typebox/schema";
import type { Agent } from "./agent.ts";
import { type Capability, RECONCILE_SUFFIX, type Reconciliation } from "./capability.ts";
import { type CheckpointRecorder, createCheckpointRecorder } from "./checkpoint.ts";
import type { ArtifactSink, CallAddress, CapabilityContext, TaskLogger } from "./context.ts";
import type { LeaseRef, MessageFromAgent, MessageToAgent, ResultAckPayload, ResultType, TaskRequestPayload } from "./message.ts";
import { refuseUnsealable, sealableError, sealableProgress } from "./sealable-message.ts";

export interface AgentRunnerOptions {
  readonly agent: Agent;
  readonly send: (message: MessageFromAgent) => void;
  readonly artifacts: (call: CallAddress) => ArtifactSink;
  readonly log: (call: CallAddress) => TaskLogger;
  readonly now: () => number;
  /** Runs the call inside whatever carries its log tags. */
  readonly within?: <T>(call: CallAddress, work: () => Promise<T>) => Promise<T>;
}

export interface AgentRunner {
  handle(message: MessageToAgent): void;
  readonly inFlight: number;
  /** Aborts every call and waits for its end. */
  close(reason: KosError): Promise<void>;
}

interface Call {
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  allowEffect: () => void;
  readonly recorder: CheckpointRecorder;
}

const RESULT_OF: Readonly<Record<TaskRequestMessage["type"], ResultType>> = {
  TASK_REQUEST: "TASK_RESULT",
  REVIEW_REQUEST: "REVIEW_VERDICT",
  PLAN_REQUEST: "PLAN_GRAPH",
};
type TaskRequestMessage = Extract<MessageToAgent, { payload: TaskRequestPayload }>;

export function createAgentRunner(options: AgentRunnerOptions): AgentRunner {
  const calls = new Map<string, Call>();
  const checks = new Map<string, SchemaChecks>();

  function checksOf(capability: Capability): SchemaChecks {
    const name = capability.description.name;
    const known = checks.get(name);
    if (known) return known;
    const made = { input: Compile(capability.description.input), output: Compile(capability.description.output) };
    checks.set(name, made);
    return made;
  }

  async function run(
    message: TaskRequestMessage,
    signal: AbortSignal,
    effectAllowed: Promise<void>,
    recorder: CheckpointRecorder,
  ): Promise<void> {
    const { payload } = message;
    const lease = leaseOf(message);
    const to = addressOf(message);
    const startedAt = options.now();
    try {
      const asked = askedOf(options.agent, payload.capability);
      if (!asked) {
        throw new KosError("UNKNOWN_CAPABILITY", `${options.agent.id} has no capability ${payload.capability}. See \`kai capabilities\`.`);
      }
      const { capability, reconcile } = asked;
      const check = checksOf(capability);
      refuseMismatch(check.input, payload.params, `params of ${payload.capability}`);
      const call = callAddress(message);
      const context: CapabilityContext = {
        call,
        signal,
        idempotencyKey: payload.idempotency_key,
        fsRoots: payload.fs_roots,
        ...(payload.feedback && { feedback: payload.feedback }),
        checkpoints: payload.checkpoints ?? [],
        log: options.log(call),
        artifacts: options.artifacts(call),
        progress: (progress) => options.send({ type: "TASK_PROGRESS", ...to, payload: { ...lease, progress: sealableProgress(progress) } }),
        beginEffect() {
          options.send({ type: "TASK_PROGRESS", ...to, payload: { ...lease, effect: "begin" } });
          return untilAborted(effectAllowed, signal);
        },
        async checkpoint(value) {
          if (signal.aborted) throw reasonOf(signal);
          await untilAborted(recorder.record(value), signal);
        },
        now: options.now,
      };
      const work = (): Promise<unknown> => (reconcile ?? capability.run)(payload.params, context);
      const output = await untilAborted(options.within ? options.within(call, work) : work(), signal);
      const result = reconcile === undefined ? { output } : reconciledResult(output as Reconciliation);
      if ("output" in result) refuseMismatch(check.output, result.output, `output of ${payload.capability}`);
      refuseUnsealable(output, `output of ${payload.capability}`);
      options.send({ type: RESULT_OF[message.type], ...to, payload: { ...lease, output, run_ms: options.now() - startedAt } });
    } catch (thrown) {
      if (!isKosError(thrown)) options.log(callAddress(message)).error("the capability threw", { thrown: String(thrown) });
      const error = sealableError(toWireError(thrown));
      options.send({ type: "TASK_ERROR", ...to, payload: { ...lease, error, run_ms: options.now() - startedAt } });
    }
  }

  function start(message: TaskRequestMessage): void {
    const key = message.payload.lease_token;
    if (calls.has(key)) return; // A request sent again after a reconnect: the first one's answer is on its way.
    const abort = new AbortController();
    const effect = Promise.withResolvers<void>();
    const recorder = createCheckpointRecorder(message.payload.checkpoints?.length ?? 0, (words) =>
      options.send({ type: "TASK_PROGRESS", ...addressOf(message), payload: { ...leaseOf(message), ...words } }),
    );
    const ended = run(message, abort.signal, effect.promise, recorder).finally(() => calls.delete(key));
    calls.set(key, { abort, ended, allowEffect: effect.resolve, recorder });
  }

  function acknowledge(payload: ResultAckPayload): void {
    const call = calls.get(payload.lease_token);
    if (payload.of === "effect") call?.allowEffect();
    else if (payload.of === "checkpoint") call?.recorder.acknowledged(payload.n);
  }

  return {
    get inFlight() {
      return calls.size;
    },
    handle(message) {
      switch (message.type) {
        case "TASK_REQUEST":
        case "REVIEW_REQUEST":
        case "PLAN_REQUEST":
          start(message);
          return;
        case "TASK_CANCEL":
          calls.get(message.payload.lease_token)?.abort.abort(new KosError("CANCELLED", message.payload.reason));
          return;
        case "RESULT_ACK":
          acknowledge(message.payload);
          return;
      }
    },
    async close(reason) {
      const open = [...calls.values()];
      for (const call of open) call.abort.abort(reason);
      await Promise.all(open.map((call) => call.ended));
    },
  };
}

interface SchemaChecks {
  readonly input: ReturnType<typeof Compile>;
  readonly output: ReturnType<typeof Compile>;
}

interface Asked {
  readonly capability: Capability;
  /** Set where kCore asks what became of an interrupted call: the capability itself is not run then. */
  readonly reconcile?: NonNullable<Capability["reconcileCall"]>;
}

function askedOf({ capabilities }: Agent, name: string): Asked | undefined {
  const capability = capabilities.get(name.endsWith(RECONCILE_SUFFIX) ? name.slice(0, -RECONCILE_SUFFIX.length) : name);
  if (capability === undefined || name === capability.description.name) return capability && { capability };
  return capability.reconcileCall && { capability, reconcile: capability.reconcileCall };
}

/** What of the answer the capability's own schema judges: the output of a call that did succeed. */
function reconciledResult(answer: Reconciliation): { readonly output?: unknown } {
  return answer.outcome === "succeeded" ? { output: answer.output } : {};
}

function leaseOf({ payload }: TaskRequestMessage): LeaseRef {
  return { attempt: payload.attempt, lease_token: payload.lease_token };
}

function addressOf({ plan_id, task_id, trace }: TaskRequestMessage): Pick<TaskRequestMessage, "plan_id" | "task_id" | "trace"> {
  return { plan_id, task_id, ...(trace !== undefined && { trace }) };
}

function callAddress(message: TaskRequestMessage): CallAddress {
  return {
    plan_id: message.plan_id,
    task_id: message.task_id,
    attempt: message.payload.attempt,
    generation: message.payload.generation,
    trace_id: message.trace?.split("-")[1] ?? "",
  };
}

function refuseMismatch(check: ReturnType<typeof Compile>, value: unknown, what: string): void {
  if (check.Check(value)) return;
  const [, problems] = check.Errors(value);
  const first = problems[0];
  throw new KosError(
    "BAD_REQUEST",
    `The ${what} do not fit its schema at ${first?.instancePath || "/"}: ${first?.message ?? "wrong shape"}.`,
    {
      details: { problems: problems.slice(0, 20).map(({ instancePath, message }) => ({ path: instancePath, message })) },
      retryable: false,
    },
  );
}

/** Settles with the work, or with the signal's reason if that comes first: a capability that ignores its signal cannot hold its answer back. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(reasonOf(signal));
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(reasonOf(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new KosError("CANCELLED", "The call was cancelled.", { cause: signal.reason });
}
