// The engine, whole and in one process, beside a bare journal and beside the loaded floor.

import { join } from "node:path";
import { KCORE_MIGRATIONS } from "@kos/kcore";
import { STEPS_PER_PLAN } from "../../peers/src/peer.ts";
import { createStepTimes } from "../../peers/src/step-times.ts";
import { benchAgent } from "../engine/bench-agent.ts";
import { openBenchEngine } from "../engine/bench-engine.ts";
import { fanOutPlan, sequentialPlan } from "../engine/bench-plan.ts";
import { forPlan, planIdOf, type RecordedCommit, recordPlan } from "../engine/recorded-plan.ts";
import type { BareStep } from "../floors/bare-journal.ts";
import { threadWriter } from "../floors/group-writer.ts";
import { driveSteps } from "../harness/drive-steps.ts";
import type { Contender, FigureSpec, Suite } from "../harness/figure.ts";
import { measurePlans, planFigures } from "../harness/plan-reading.ts";

const RESULT = JSON.stringify({ result: "x".repeat(185) });

const FIGURES: readonly FigureSpec[] = [
  ...planFigures({ cpu: true, id: "bare_c1", title: "floor: bare journal, c1" }),
  ...planFigures({ cpu: true, id: "loaded_c1", title: "loaded floor, c1", beside: "bare_c1" }),
  ...planFigures({ cpu: true, id: "engine_c1", title: "engine, c1", beside: "bare_c1", p50: { of: "ratio", aim: 2.5 } }),
  ...planFigures({ cpu: true, id: "bare_c64", title: "floor: bare journal, c64" }),
  ...planFigures({ cpu: true, id: "loaded_c64", title: "loaded floor, c64", beside: "bare_c64" }),
  ...planFigures({ cpu: true, id: "engine_c64", title: "engine, c64", beside: "loaded_c64", rate: { of: "ratio", aim: 0.6 } }),
  { id: "bare_fan", title: "floor: bare journal, 10,000 at once", unit: "ms", better: "lower" },
  { id: "fan_1000", title: "engine, fan-out of 1,000 and join", unit: "ms", better: "lower" },
  {
    id: "fan_10000",
    title: "engine, fan-out of 10,000 and join",
    unit: "ms",
    better: "lower",
    beside: "fan_1000",
    target: { of: "value", must: 1_000, aim: 400 },
  },
];

export const engine: Suite = {
  name: "engine",
  title: "Engine: plans of 10 sequential durable steps, 200-byte results, synchronous=FULL, agent beside the engine",
  figures: FIGURES,
  async open({ folder, quick }) {
    await using opened = new AsyncDisposableStack();
    const recorded = await recordPlan(folder);
    const bare = opened.use(await threadWriter<BareStep>(new URL("../floors/bare-journal.ts", import.meta.url), join(folder, "bare.db")));
    const loaded = opened.use(
      await threadWriter<RecordedCommit>(new URL("../floors/loaded-journal.ts", import.meta.url), {
        path: join(folder, "loaded.db"),
        schema: KCORE_MIGRATIONS.flatMap(({ statements }) => statements),
      }),
    );
    const times = createStepTimes();
    const bench = opened.use(await openBenchEngine({ folder: join(folder, "engine"), agents: [benchAgent(times.mark)] }));
    const [few, many] = quick ? [30, 300] : [200, 3_000];
    const counts = { bare: 0, loaded: 0, fan: 0 };

    const bareRun = (concurrency: number, plans: number): Contender => ({
      name: `bare c${concurrency}`,
      async measure() {
        const first = counts.bare;
        counts.bare += plans;
        return measurePlans(`bare_c${concurrency}`, () =>
          driveSteps(concurrency, plans, (plan, step) => bare.write({ plan: first + plan, step, result: RESULT })),
        );
      },
    });
    // A plan's commits are one more than its steps: the first one creates it.
    const loadedRun = (concurrency: number, plans: number): Contender => ({
      name: `loaded c${concurrency}`,
      async measure() {
        const first = counts.loaded;
        counts.loaded += plans;
        return measurePlans(`loaded_c${concurrency}`, () =>
          driveSteps(concurrency, plans, async (plan, step) => {
            const id = planIdOf(first + plan);
            for (const commit of commitsOfStep(recorded, step)) await loaded.write(forPlan(commit, id));
          }),
        );
      },
    });
    const engineRun = (concurrency: number, plans: number): Contender => ({
      name: `engine c${concurrency}`,
      measure: () =>
        measurePlans(`engine_c${concurrency}`, () => times.drive(concurrency, plans, (plan) => bench.run(sequentialPlan(plan)))),
    });
    const fan = (items: number): Contender => ({
      name: `fan ${items}`,
      async measure() {
        const start = performance.now();
        await bench.run(fanOutPlan(`fan ${counts.fan++}`, items));
        return { [`fan_${items}`]: performance.now() - start };
      },
    });
    const bareFan: Contender = {
      name: "bare fan",
      async measure() {
        const plan = counts.bare++;
        const start = performance.now();
        await Promise.all(Array.from({ length: 10_000 }, (_, step) => bare.write({ plan, step, result: RESULT })));
        return { bare_fan: performance.now() - start };
      },
    };
    const owned = opened.move();
    return {
      contenders: [
        bareRun(1, few),
        loadedRun(1, few),
        engineRun(1, few),
        bareRun(64, many),
        loadedRun(64, many),
        engineRun(64, many),
        bareFan,
        fan(1_000),
        fan(10_000),
      ],
      warmUps: quick ? 1 : 2,
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

/** The commits of a plan, dealt out to its steps: what is over goes to the first. */
function commitsOfStep(recorded: readonly RecordedCommit[], step: number): readonly RecordedCommit[] {
  const over = Math.max(0, recorded.length - STEPS_PER_PLAN);
  return step === 1 ? recorded.slice(0, over + 1) : recorded.slice(over + step - 1, over + step);
}
