// Floors: a bare journal with group commit, on the main thread and in a worker.

import { join } from "node:path";
import { type BareStep, bareJournal } from "../floors/bare-journal.ts";
import { type GroupWriter, mainThreadWriter, threadWriter } from "../floors/group-writer.ts";
import { driveSteps } from "../harness/drive-steps.ts";
import type { Contender, FigureSpec, Suite } from "../harness/figure.ts";
import { planFigures, planReading } from "../harness/plan-reading.ts";

const RESULT = JSON.stringify({ result: "x".repeat(185) });
const ENTRY = new URL("../floors/bare-journal.ts", import.meta.url);

export const journal: Suite = {
  name: "floor-journal",
  title: "Floors: a bare journal, group commit, plans of 10 sequential steps",
  figures: [...figuresOf("main", "main thread"), ...figuresOf("thread", "worker thread", "main")],
  async open({ folder, quick }) {
    const main = mainThreadWriter(bareJournal(join(folder, "main.db")));
    const thread = await threadWriter<BareStep>(ENTRY, join(folder, "thread.db"));
    let plans = 0;
    const contender = (id: string, writer: GroupWriter<BareStep>, concurrency: number, count: number): Contender => ({
      name: `${id} c${concurrency}`,
      async measure() {
        const first = plans;
        plans += count;
        const run = await driveSteps(concurrency, count, (plan, step) => writer.write({ plan: first + plan, step, result: RESULT }));
        return planReading(`${id}_c${concurrency}`, run);
      },
    });
    const [few, many] = quick ? [50, 1_000] : [300, 10_000];
    return {
      contenders: [
        contender("main", main, 1, few),
        contender("thread", thread, 1, few),
        contender("main", main, 64, many),
        contender("thread", thread, 64, many),
      ],
      async [Symbol.asyncDispose]() {
        await main[Symbol.asyncDispose]();
        await thread[Symbol.asyncDispose]();
      },
    };
  },
};

function figuresOf(id: string, where: string, beside?: string): readonly FigureSpec[] {
  return [1, 64].flatMap((concurrency) =>
    planFigures({
      id: `${id}_c${concurrency}`,
      title: `${where}, c${concurrency}`,
      ...(beside !== undefined && { beside: `${beside}_c${concurrency}` }),
    }),
  );
}
