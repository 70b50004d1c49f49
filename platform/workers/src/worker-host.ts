// The child's side: one agent, its runner, and the proved link to kCore over standard input and output. It ends when its input ends.

import {
  type Agent,
  type ArtifactSink,
  type CallAddress,
  createAgentRunner,
  type MessageFromAgent,
  type MessageToAgent,
  type TaskLogger,
} from "@kos/agent";
import { type Identity, KosError } from "@kos/klp";
import { inOrder, packLarge, unpackLarge, type ValueBlobs } from "./large-value.ts";
import { createSignedLink } from "./signed-link.ts";

export interface WorkerHostOptions {
  readonly agent: Agent;
  /** The agent's own identity. */
  readonly identity: Identity;
  /** kCore's id and did:key. */
  readonly engine: { readonly id: string; readonly key: string };
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly now: () => number;
  /** Runs once the current turn is over. */
  readonly defer: (run: () => void) => void;
  readonly blobs: ValueBlobs;
  readonly artifacts: (call: CallAddress) => ArtifactSink;
  readonly log: (call: CallAddress) => TaskLogger;
  readonly within?: <T>(call: CallAddress, work: () => Promise<T>) => Promise<T>;
  readonly heartbeatMs: number;
  /** Repeats until the returned function is called. */
  readonly every: (ms: number, run: () => void) => () => void;
}

/** Resolves when the link has ended: undefined for a clean end of input, else what broke it. */
export async function runWorkerHost(options: WorkerHostOptions): Promise<KosError | undefined> {
  const { engine, agent } = options;
  const ended = Promise.withResolvers<KosError | undefined>();
  const noBlob = (cause: unknown): void =>
    ended.resolve(new KosError("UNAVAILABLE", "A large value could not be kept or read.", { cause }));
  const receive = inOrder<MessageToAgent>(
    (message) => unpackLarge(message, options.blobs),
    (message) => runner.handle(message),
    noBlob,
  );
  const link = createSignedLink({
    identity: options.identity,
    peer: engine,
    opens: false,
    now: options.now,
    write: (bytes) => void options.output.write(bytes),
    defer: options.defer,
    onEnvelope: (envelope) => receive(envelope as unknown as MessageToAgent),
    onBroken: ended.resolve,
  });
  const runner = createAgentRunner({
    agent,
    now: options.now,
    artifacts: options.artifacts,
    log: options.log,
    ...(options.within && { within: options.within }),
    send: inOrder<MessageFromAgent>(
      (message) => packLarge(message, options.blobs),
      ({ type, plan_id, task_id, trace, payload }) =>
        link.send({ type, to: engine.id, plan_id, task_id, payload, ...(trace !== undefined && { trace }) }),
      noBlob,
    ),
  });
  const stopHeartbeat = options.every(options.heartbeatMs, () =>
    link.send({ type: "PING", to: engine.id, payload: { in_flight: runner.inFlight } }),
  );
  options.input.on("data", (bytes: Buffer) => link.receive(bytes));
  options.input.once("end", () => ended.resolve(undefined));
  options.input.once("error", () => ended.resolve(undefined));

  const brokenBy = await ended.promise;
  stopHeartbeat();
  await runner.close(new KosError("CANCELLED", "The node has ended the agent's process."));
  return brokenBy;
}
