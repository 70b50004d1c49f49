// Starts a child process for an agent and speaks KLP with it over its standard streams. It owns the process; the pool decides when.

import { type ChildProcess, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import type { MessageFromAgent, MessageToAgent } from "@kos/agent";
import { type Identity, type KosError, toWireError } from "@kos/klp";
import { type BlobDoorOptions, serveBlobs } from "./blob-channel.ts";
import { inOrder, packLarge, unpackLarge, type ValueBlobs } from "./large-value.ts";
import { createSignedLink } from "./signed-link.ts";
import type { WorkerConnection, WorkerEvents } from "./worker-pool.ts";

export interface WorkerProcessOptions extends WorkerEvents {
  /** Program and arguments; never through a shell. */
  readonly command: readonly [string, ...string[]];
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly blobs: ValueBlobs;
  /** For a process that may not touch the disk: blobs over a fourth stream, descriptor 3. */
  readonly blobDoor?: BlobDoorOptions;
  /** kCore's identity. */
  readonly identity: Identity;
  readonly agent: { readonly id: string; readonly key: string };
  readonly now: () => number;
  /** Runs once the current turn is over. */
  readonly defer: (run: () => void) => void;
  /** One line of the child's standard error: a structured log record, or text. */
  readonly onLogLine: (line: string, pid: number) => void;
  /** The link broke: a proof that does not fit, a frame too large, a wrong key. The process has been killed. */
  readonly onBroken: (error: KosError) => void;
}

export function startWorkerProcess(options: WorkerProcessOptions): WorkerConnection {
  const [program, ...args] = options.command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: options.blobDoor ? [...STREAMS, "pipe"] : [...STREAMS],
    shell: false,
  });
  let brokenBy: KosError | undefined;
  const breakOff = (error: KosError): void => {
    brokenBy = error;
    child.kill("SIGKILL");
    options.onBroken(error);
  };

  /** What a blob cannot bring across ends the process: its calls are lost, and tried again or put in doubt. */
  const giveUp = (): void => void child.kill("SIGKILL");
  const receive = inOrder<{ readonly message: MessageFromAgent; readonly hash: string }>(
    (got) => mapped(unpackLarge(got.message, options.blobs), (message) => ({ ...got, message })),
    ({ message, hash }) => options.onMessage(message, { envelopeHash: hash }),
    giveUp,
  );
  const link = createSignedLink({
    identity: options.identity,
    peer: options.agent,
    opens: true,
    now: options.now,
    // A child that is gone cannot be written to; its exit is what is reported.
    write: (bytes) => void (child.stdin.writable && child.stdin.write(bytes)),
    defer: options.defer,
    // It lives: its leases begin to depend on its being heard of, also when it is stopped before its first PING.
    onProved: options.onHeartbeat,
    onEnvelope(envelope, hash) {
      if (envelope.type === "PING") options.onHeartbeat();
      else if (envelope.plan_id !== undefined && envelope.task_id !== undefined) {
        receive({ message: envelope as unknown as MessageFromAgent, hash });
      }
    },
    onBroken: breakOff,
  });
  const door = child.stdio[BLOB_DESCRIPTOR];
  if (options.blobDoor && door instanceof Duplex) void serveBlobs(door, options.blobDoor).then((error) => error && breakOff(error));

  child.stdin.on("error", () => undefined); // EPIPE of a dying child; "exit" tells.
  child.stdout.on("data", (bytes: Buffer) => link.receive(bytes));
  forEachLine(child, (line) => options.onLogLine(line, child.pid ?? 0));

  const exited = new Promise<{ reason: string }>((resolve) => {
    child.once("error", (error) => resolve({ reason: `the process could not be started: ${error.message}` }));
    child.once("close", (code, signal) => {
      const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
      resolve({
        reason: brokenBy === undefined ? `the process ${how}` : `the link broke (${toWireError(brokenBy).code}) and the process was ended`,
      });
    });
  });

  return {
    exited,
    send: inOrder<MessageToAgent>(
      (message) => packLarge(message, options.blobs),
      ({ type, plan_id, task_id, trace, payload }) =>
        link.send({ type, to: options.agent.id, plan_id, task_id, payload, ...(trace !== undefined && { trace }) }),
      giveUp,
    ),
    close: () => void child.stdin.end(),
    kill: () => void child.kill("SIGKILL"),
  };
}

const STREAMS = ["pipe", "pipe", "pipe"] as const;
const BLOB_DESCRIPTOR = 3;
const MAX_LINE = 64 * 1024;

function forEachLine(child: ChildProcess, take: (line: string) => void): void {
  let rest = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(-MAX_LINE);
    for (const line of lines) take(line);
  });
  child.once("close", () => {
    if (rest !== "") take(rest);
  });
}

function mapped<A, B>(value: A | Promise<A>, change: (value: A) => B): B | Promise<B> {
  return value instanceof Promise ? value.then(change) : change(value);
}
