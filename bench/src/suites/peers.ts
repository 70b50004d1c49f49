// The same plan shape on other systems and on kOS, each in a process of its own, one after the other in every round.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Contender, FigureSpec, Reading, Suite } from "../harness/figure.ts";
import { planReading } from "../harness/plan-reading.ts";
import { installPeers } from "../peers/install-peers.ts";
import { PeerMissing, type PeerProcess, startPeer } from "../peers/peer-process.ts";

const KOS = "kos";
const BEST = "best";
const FOLDER = new URL("../../peers/src/", import.meta.url);
const OTHERS = ["bullmq", "dbos", "restate", "langgraph-full", "langgraph-normal", "mastra"] as const;
const FAN_OUT = 1_000;
const MOST_PLANS = 10_000;

export const peers: Suite = {
  name: "peers",
  title: "The same plans elsewhere: 10 sequential steps of 200 bytes, c1 and c64, and 1,000 fanned out and joined",
  figures: [],
  onDemand: true,
  async open({ folder, quick, note }) {
    installPeers((text) => process.stderr.write(text));
    await using opened = new AsyncDisposableStack();
    const running = new Map<string, PeerProcess>();
    for (const id of [KOS, ...OTHERS]) {
      const module = id === KOS ? new URL("../peers/kos-peer.ts", import.meta.url) : new URL(`${id}.ts`, FOLDER);
      const own = join(folder, id);
      mkdirSync(own);
      try {
        running.set(id, opened.use(await startPeer(module, own)));
      } catch (error) {
        if (!(error instanceof PeerMissing)) throw error;
        note(`${id} is skipped: ${error.message}`);
      }
    }
    for (const { facts } of running.values()) note(`${facts.name}: ${facts.durable}`);
    const latest = new Map<string, Reading>();
    const [few, many, items, runMs] = quick ? [10, 64, 200, 500] : [50, 256, FAN_OUT, 2_500];
    const contenders = [...running].map(([id, peer]): Contender => {
      // As many plans as the system does in about the same time, known from the run before: none is judged by its first moments.
      const plans = { c1: few, c64: many };
      const run = async (concurrency: 1 | 64): Promise<Reading> => {
        const count = plans[`c${concurrency}`];
        const done = await peer.runPlans(concurrency, count);
        plans[`c${concurrency}`] = Math.round(Math.min(MOST_PLANS, Math.max(concurrency, (count * runMs) / done.elapsedMs)));
        return planReading(`${id}_c${concurrency}`, done);
      };
      return {
        name: id,
        async measure() {
          const reading = { ...(await run(1)), ...(await run(64)), [`${id}_fan`]: await peer.fanOut(items), [`${id}_peak`]: peer.peakMb() };
          latest.set(id, reading);
          return reading;
        },
      };
    });
    const synced = [...running].filter(([id, { facts }]) => id !== KOS && facts.isFsynced).map(([id]) => id);
    const of = (kind: string): number[] => synced.map((id) => latest.get(id)?.[`${id}_${kind}`] ?? Number.NaN);
    const best: Contender = {
      name: BEST,
      measure: async () => ({
        best_c1_rate: Math.max(...of("c1_rate")),
        best_c1_p50: Math.min(...of("c1_p50")),
        best_c64_rate: Math.max(...of("c64_rate")),
        best_fan: Math.min(...of("fan")),
      }),
    };
    const owned = opened.move();
    return {
      contenders: [...contenders, ...(synced.length > 0 ? [best] : [])],
      warmUps: 2,
      figures: [...[...running].flatMap(([id, { facts }]) => figuresOf(id, facts.name, items)), ...bestFigures(items)],
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

function figuresOf(id: string, name: string, items: number): readonly FigureSpec[] {
  const isOurs = id === KOS;
  const beside = (kind: string) => (isOurs ? { beside: `${BEST}_${kind}` } : {});
  return [
    { id: `${id}_c1_rate`, title: `${name}, c1`, unit: "steps/s", better: "higher", ...beside("c1_rate") },
    {
      id: `${id}_c1_p50`,
      title: `${name}, c1, p50`,
      unit: "ms",
      better: "lower",
      ...beside("c1_p50"),
      ...(isOurs && { target: { of: "ratio", must: 1, aim: 1 } as const }),
    },
    { id: `${id}_c1_p99`, title: `${name}, c1, p99`, unit: "ms", better: "lower" },
    {
      id: `${id}_c64_rate`,
      title: `${name}, c64`,
      unit: "steps/s",
      better: "higher",
      ...beside("c64_rate"),
      ...(isOurs && { target: { of: "ratio", must: 4, aim: 10 } as const }),
    },
    { id: `${id}_c64_p50`, title: `${name}, c64, p50`, unit: "ms", better: "lower" },
    { id: `${id}_c64_p99`, title: `${name}, c64, p99`, unit: "ms", better: "lower" },
    { id: `${id}_fan`, title: `${name}, fan-out of ${items.toLocaleString("en-GB")}`, unit: "ms", better: "lower", ...beside("fan") },
    { id: `${id}_peak`, title: `${name}, peak memory with its servers`, unit: "MB", better: "lower" },
  ];
}

function bestFigures(items: number): readonly FigureSpec[] {
  return [
    { id: "best_c1_rate", title: "best fsynced peer, c1", unit: "steps/s", better: "higher" },
    { id: "best_c1_p50", title: "best fsynced peer, c1, p50", unit: "ms", better: "lower" },
    { id: "best_c64_rate", title: "best fsynced peer, c64", unit: "steps/s", better: "higher" },
    { id: "best_fan", title: `best fsynced peer, fan-out of ${items.toLocaleString("en-GB")}`, unit: "ms", better: "lower" },
  ];
}
