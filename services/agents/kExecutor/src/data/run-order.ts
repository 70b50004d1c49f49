// Has one order carried out by a process of its own, with the sources as open descriptors, and turns whatever becomes of the process into an answer or an error.

import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import type { CapabilityContext } from "@kos/agent";
import { fromWireError, KosError } from "@kos/klp";
import { throwIfAborted } from "../task-error.ts";
import { type DataMessage, type DataOrder, END_REASONS, type EndReason, type FirstMessage, type WatchLimits } from "./data-order.ts";
import type { OpenSource } from "./data-source.ts";

/** How the process that reads data is started. */
export interface DataProgram {
  /** The Node.js that runs it. */
  readonly runtime: string;
  /** Its entry: a module that calls `runDataProcess` first of all. */
  readonly entry: string;
  /** More memory, or more written to temporary files, ends it. */
  readonly limits?: WatchLimits;
}

/**
 * Carries out one order. `orderOf` is given the descriptors under which the sources are found, in their order. Errors: those of the work,
 * RESOURCE_LIMIT_EXCEEDED, CANCELLED.
 */
export type OrderRunner = (
  sources: readonly OpenSource[],
  orderOf: (descriptors: readonly number[]) => DataOrder,
  context: CapabilityContext,
) => Promise<OrderOutcome>;

interface OrderOutcome {
  readonly value: unknown;
  /** What was written beside the answer. */
  readonly content: string;
}

/** Descriptors 0 to 2 are the usual ones, 3 is the channel. */
const FIRST_DESCRIPTOR = 4;
const HEAP_MIB = 1024;
const LIMITS: WatchLimits = { memoryBytes: 1_610_612_736, diskBytes: 34_359_738_368 };
const MOST_OUTPUT_CHARS = 10_000;

/** A process for each order. It is gone when the promise settles. */
export function processRunner(program: DataProgram): OrderRunner {
  return (sources, orderOf, context) => runOrder(program, sources, orderOf, context);
}

async function runOrder(
  program: DataProgram,
  sources: readonly OpenSource[],
  orderOf: Parameters<OrderRunner>[1],
  context: CapabilityContext,
): Promise<OrderOutcome> {
  throwIfAborted(context.signal);
  const inputs = sources.map(({ input }) => (typeof input === "number" ? input : ("pipe" as const)));
  const order = orderOf(inputs.map((_, index) => FIRST_DESCRIPTOR + index));
  const child = spawn(program.runtime, [...nodeArguments(program.entry, order), program.entry], {
    env: {},
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe", "ipc", ...inputs],
    serialization: "json",
    signal: context.signal,
    killSignal: "SIGKILL",
  });
  const ended = await untilEnd(child, sources, { order, limits: program.limits ?? LIMITS }, context);
  throwIfAborted(context.signal);
  if (ended.answer?.say === "done") return { value: ended.answer.value, content: ended.content.join("") };
  if (ended.answer?.say === "failed") throw fromWireError(ended.answer.error);
  throw endError(ended, order);
}

/**
 * Reads its own code only; no network, processes and addons. The permissions do not cover the paths that SQLite opens, so a process has SQLite
 * only where it is needed, and a stranger's SQL meets the lock of guarded-database.ts.
 */
function nodeArguments(entry: string, { task }: DataOrder): readonly string[] {
  const readable = entry.endsWith(".ts") ? "*" : `${entry.slice(0, entry.lastIndexOf("/") + 1)}*`;
  const permissions = ["--permission", "--allow-worker", `--allow-fs-read=${readable}`, "--allow-fs-read=/proc/self/io"];
  return [
    `--max-old-space-size=${HEAP_MIB}`,
    "--disallow-code-generation-from-strings",
    "--disable-warning=PERM0006",
    "--disable-warning=ExperimentalWarning",
    ...permissions,
    ...(task === "profile" ? ["--no-experimental-sqlite"] : []),
  ];
}

interface Ended {
  readonly answer: DataMessage | undefined;
  readonly content: readonly string[];
  readonly output: string;
  readonly failure: unknown;
}

function untilEnd(child: ChildProcess, sources: readonly OpenSource[], first: FirstMessage, context: CapabilityContext): Promise<Ended> {
  const content: string[] = [];
  let answer: DataMessage | undefined;
  let [output, failure]: [string, unknown] = ["", undefined];
  const collect = (bytes: Buffer) => {
    if (output.length < MOST_OUTPUT_CHARS) output += bytes.toString("utf8");
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  child.on("message", (sent) => {
    const message = sent as DataMessage;
    switch (message.say) {
      case "ready":
        child.send(first, () => undefined);
        for (const [index, { input }] of sources.entries()) feed(child.stdio[FIRST_DESCRIPTOR + index], input);
        return;
      case "progress": {
        const { say: _say, ...progress } = message;
        context.progress(progress);
        return;
      }
      case "content":
        content.push(message.text);
        return;
      case "done":
      case "failed":
        answer = message;
        return;
    }
  });
  return new Promise((resolve) => {
    const settle = () => resolve({ answer, content, output, failure });
    child.on("error", (error) => {
      failure = error;
      if (child.pid === undefined) settle();
    });
    child.on("close", settle);
  });
}

/** A process that has what it wants may close the pipe early. */
function feed(stream: unknown, input: number | Uint8Array): void {
  if (typeof input === "number") return;
  const pipe = stream as Writable;
  pipe.on("error", () => undefined);
  pipe.end(input);
}

function endError({ output, failure }: Ended, order: DataOrder): KosError {
  const reason =
    END_REASONS.find((known) => output.startsWith(known)) ??
    (/heap out of memory|Array buffer allocation/i.test(output) ? "memory" : undefined);
  if (reason === undefined) {
    return new KosError("INTERNAL", "The process that reads data ended without an answer.", {
      cause: failure ?? new Error(output.slice(0, 2000)),
    });
  }
  return new KosError("RESOURCE_LIMIT_EXCEEDED", ENDED[reason](order), { retryable: false, details: { limit: reason } });
}

const ENDED: Readonly<Record<EndReason, (order: DataOrder) => string>> = {
  time: (order) =>
    `The query ran longer than ${order.task === "query" ? order.max_seconds : 0} seconds and was ended. Narrow it down, or raise max_seconds.`,
  memory: () =>
    "Reading the data took more memory than it may, and was ended. Give a smaller or simpler file, or a query that keeps less at once.",
  disk: () => "The work wrote more to temporary files than it may, and was ended. Narrow the query down.",
  orphaned: () => "The process that reads data lost its agent and ended.",
};
