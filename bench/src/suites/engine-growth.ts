// Cost of a step of the engine as the log and the tables behind it grow, each beside an engine with a young log in the same round.

import { join } from "node:path";
import { KCORE_MIGRATIONS } from "@kos/kcore";
import { sqliteStore } from "@kos/store";
import { createStepTimes } from "../../peers/src/step-times.ts";
import { benchAgent } from "../engine/bench-agent.ts";
import { openBenchEngine } from "../engine/bench-engine.ts";
import { sequentialPlan } from "../engine/bench-plan.ts";
import { benchSigner } from "../engine/bench-signer.ts";
import { forPlan, planIdOf, type RecordedCommit, recordPlan } from "../engine/recorded-plan.ts";
import type { Contender, FigureSpec, Suite } from "../harness/figure.ts";

const LEVELS = [100_000, 1_000_000] as const;
const YOUNG_EVENTS = 1_000;
const PLANS_PER_APPEND = 40;

export const engineGrowth: Suite = {
  name: "engine-growth",
  title: "Engine: cost of a step at c64 as the log grows, each beside an engine whose log starts with 10^3 events",
  figures: LEVELS.flatMap((level): FigureSpec[] => [
    { id: `young_${level}`, title: `young log, beside ${level.toLocaleString("en-GB")}`, unit: "µs/step", better: "none" },
    {
      id: `grown_${level}`,
      title: `${level.toLocaleString("en-GB")} events`,
      unit: "µs/step",
      better: "lower",
      beside: `young_${level}`,
      ...(level === 1_000_000 && { target: { of: "ratio", must: 1.5, aim: 1.1 } as const }),
    },
  ]),
  async open({ folder, quick, note }) {
    await using opened = new AsyncDisposableStack();
    const recorded = await recordPlan(folder);
    const contenders: Contender[] = [];
    const plans = quick ? 100 : 300;
    for (const level of LEVELS) {
      if (quick && level > 100_000) {
        note(`${level.toLocaleString("en-GB")} events are left out with --quick`);
        continue;
      }
      for (const [id, events] of [[`young_${level}`, YOUNG_EVENTS] as const, [`grown_${level}`, level] as const]) {
        const own = join(folder, id);
        await fillLog(own, recorded, events);
        const times = createStepTimes();
        const bench = opened.use(await openBenchEngine({ folder: own, agents: [benchAgent(times.mark)] }));
        contenders.push({
          name: id,
          async measure() {
            const { elapsedMs, steps } = await times.drive(64, plans, (plan) => bench.run(sequentialPlan(plan)));
            return { [id]: (1000 * elapsedMs) / steps };
          },
        });
      }
    }
    const owned = opened.move();
    return { contenders, warmUps: 2, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  },
};

/** A log of finished plans, with their rows. */
async function fillLog(folder: string, recorded: readonly RecordedCommit[], events: number): Promise<void> {
  await using store = await sqliteStore({
    path: join(folder, "kos.db"),
    signer: benchSigner,
    migrations: KCORE_MIGRATIONS,
    now: () => new Date().toISOString(),
  });
  const { epoch } = await store.log.claim(0);
  const whole: RecordedCommit = { events: recorded.flatMap((commit) => commit.events), rows: recorded.flatMap((commit) => commit.rows) };
  let version = 0;
  for (let plan = 0; version < events; plan += PLANS_PER_APPEND) {
    const all = Array.from({ length: PLANS_PER_APPEND }, (_, index) => forPlan(whole, planIdOf(plan + index)));
    const commit = {
      partition: 0,
      epoch,
      expected_version: version,
      events: all.flatMap((each) => each.events),
      rows: all.flatMap((each) => each.rows),
    };
    version += commit.events.length;
    await store.log.append(commit);
  }
}
