// A system under comparison in a process of its own. Both ends: this file is also the entry of that process.

import { fork } from "node:child_process";
import type { Peer, PlanRun } from "../../peers/src/peer.ts";
import { peakRssMb } from "../node/process-memory.ts";

type PeerOrder =
  | { readonly kind: "start"; readonly folder: string }
  | { readonly kind: "plans"; readonly concurrency: number; readonly plans: number }
  | { readonly kind: "fan"; readonly steps: number }
  | { readonly kind: "stop" };

interface PeerFacts {
  readonly name: string;
  readonly durable: string;
  readonly isFsynced: boolean;
  readonly servers: readonly number[];
}

type PeerAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly missing: boolean; readonly message: string };

export interface PeerProcess extends AsyncDisposable {
  readonly facts: PeerFacts;
  runPlans(concurrency: number, plans: number): Promise<PlanRun>;
  fanOut(steps: number): Promise<number>;
  /** Of the process and its servers, added up. */
  peakMb(): number;
}

/** Why a peer is not there: for people. */
export class PeerMissing extends Error {}

const START_WITHIN_MS = 120_000;
const ANSWER_WITHIN_MS = 600_000;
const ENTRY = new URL(import.meta.url);

/** Errors: PeerMissing with the reason, where the peer says that something it needs is not there. */
export async function startPeer(module: URL, folder: string): Promise<PeerProcess> {
  const child = fork(ENTRY, ["--peer", module.href], { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2_000);
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const ask = async (order: PeerOrder, withinMs: number): Promise<unknown> => {
    const answer = await new Promise<PeerAnswer>((resolve) => {
      const late = setTimeout(
        () => resolve({ ok: false, missing: false, message: `no answer to ${order.kind} in ${withinMs / 1000} s` }),
        withinMs,
      );
      const end = (message: PeerAnswer): void => {
        clearTimeout(late);
        child.removeAllListeners("message");
        resolve(message);
      };
      child.once("message", end);
      void closed.then(() => end({ ok: false, missing: false, message: `its process ended: ${said}` }));
      child.send(order);
    });
    if (answer.ok) return answer.value;
    throw answer.missing ? new PeerMissing(answer.message) : new Error(`${module.pathname.split("/").at(-1)}: ${answer.message}`);
  };
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed;
  };
  try {
    const facts = (await ask({ kind: "start", folder }, START_WITHIN_MS)) as PeerFacts;
    return {
      facts,
      runPlans: async (concurrency, plans) => (await ask({ kind: "plans", concurrency, plans }, ANSWER_WITHIN_MS)) as PlanRun,
      fanOut: async (steps) => (await ask({ kind: "fan", steps }, ANSWER_WITHIN_MS)) as number,
      peakMb: () => [child.pid ?? 0, ...facts.servers].reduce((sum, pid) => sum + (peakRssMb(pid) ?? 0), 0),
      async [Symbol.asyncDispose]() {
        await ask({ kind: "stop" }, START_WITHIN_MS).catch(() => undefined);
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function servePeer(module: string): Promise<void> {
  const { createPeer } = (await import(module)) as { readonly createPeer: () => Peer };
  const peer = createPeer();
  const carryOut = async (order: PeerOrder): Promise<unknown> => {
    switch (order.kind) {
      case "start":
        await peer.start(order.folder);
        return { name: peer.name, durable: peer.durable, isFsynced: peer.isFsynced, servers: peer.servers() } satisfies PeerFacts;
      case "plans":
        return peer.runPlans(order.concurrency, order.plans);
      case "fan":
        return peer.fanOut(order.steps);
      case "stop":
        return peer.stop();
    }
  };
  process.on("message", (order: PeerOrder) => {
    const tell = (answer: PeerAnswer): void => void process.send?.(answer);
    carryOut(order).then(
      (value) => tell({ ok: true, value: value ?? null }),
      (error: unknown) => {
        const missing = error instanceof Error && error.name === "MissingService";
        const message = error instanceof Error ? (missing ? error.message : (error.stack ?? error.message)) : String(error);
        tell({ ok: false, missing, message });
      },
    );
  });
  // The process that measures is gone.
  process.on("disconnect", () => void peer.stop().finally(() => process.exit()));
}

const [flag, peerModule] = process.argv.slice(2);
if (flag === "--peer" && peerModule !== undefined) {
  await servePeer(peerModule).catch((error: unknown) => {
    process.send?.({
      ok: false,
      missing: false,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    } satisfies PeerAnswer);
    process.exit(1);
  });
}
