// Runs one open suite: warm-up, then rounds in which every contender has its turn. A run that the host disturbed is repeated.

import type { Contender, Figure, FigureSpec, OpenSuite, Reading, Suite, SuiteReport, Target, Verdict } from "./figure.ts";
import { median, summarise } from "./statistics.ts";
import { watchSteal } from "./steal-time.ts";

export interface RunOptions {
  readonly runs: number;
  readonly notes: readonly string[];
  readonly onRound: (round: number, rounds: number) => void;
  /** Share of stolen processor time in percent since the call. Injected so that it can be tried. */
  readonly watchSteal?: typeof watchSteal;
}

const MOST_STEAL_PERCENT = 8;
/** A machine that is always disturbed must not be measured for ever. */
const MOST_REPEATS = 2;

/** A round: what each figure came to, with the share that was stolen while it was measured. */
interface Sample {
  readonly value: number;
  readonly round: number;
  readonly steal: number | undefined;
}

export async function runSuite(suite: Suite, open: OpenSuite, options: RunOptions): Promise<SuiteReport> {
  const samples = new Map<string, Sample[]>();
  const repeated = new Map<string, number>();
  const specs = open.figures ?? suite.figures;
  const watch = options.watchSteal ?? watchSteal;
  for (let warmUp = 0; warmUp < (open.warmUps ?? 1); warmUp++) for (const contender of open.contenders) await contender.measure();
  for (let round = 0; round < options.runs; round++) {
    options.onRound(round + 1, options.runs);
    for (const contender of open.contenders) {
      const { reading, steal, repeats } = await undisturbed(contender, watch);
      for (const [id, value] of Object.entries(reading)) {
        samples.set(id, [...(samples.get(id) ?? []), { value, round, steal }]);
        repeated.set(id, (repeated.get(id) ?? 0) + repeats);
      }
    }
  }
  const unknown = [...samples.keys()].filter((id) => !specs.some((spec) => spec.id === id));
  if (unknown.length > 0) throw new Error(`The suite ${suite.name} measures what it does not list: ${unknown.join(", ")}.`);
  const figures = specs.flatMap((spec) => {
    const own = samples.get(spec.id);
    if (own === undefined) return [];
    return [figureOf(suite, spec, own, { specs, samples, repeated: repeated.get(spec.id) ?? 0 })];
  });
  return { suite: suite.name, title: suite.title, figures, notes: options.notes };
}

async function undisturbed(
  contender: Contender,
  watch: typeof watchSteal,
): Promise<{ readonly reading: Reading; readonly steal: number | undefined; readonly repeats: number }> {
  for (let repeats = 0; ; repeats++) {
    const since = watch();
    const reading = await contender.measure();
    const steal = since();
    if (steal === undefined || steal <= MOST_STEAL_PERCENT || repeats >= MOST_REPEATS) return { reading, steal, repeats };
  }
}

function figureOf(
  { name }: Suite,
  spec: FigureSpec,
  own: readonly Sample[],
  all: { readonly specs: readonly FigureSpec[]; readonly samples: ReadonlyMap<string, readonly Sample[]>; readonly repeated: number },
): Figure {
  const values = own.map(({ value }) => value);
  const summary = summarise(values);
  const steals = own.flatMap(({ steal }) => (steal === undefined ? [] : [steal]));
  const other = spec.beside === undefined ? undefined : all.samples.get(spec.beside);
  const otherSpec = all.specs.find(({ id }) => id === spec.beside);
  const ratio = other === undefined ? undefined : ratioWithinRounds(own, other);
  const verdict = spec.target && verdictOf(spec.target, spec.better, summary.median, ratio);
  return {
    suite: name,
    id: spec.id,
    title: spec.title,
    unit: spec.unit,
    better: spec.better,
    ...summary,
    ...(other !== undefined &&
      otherSpec !== undefined && { beside: { id: otherSpec.id, title: otherSpec.title, median: median(other.map(({ value }) => value)) } }),
    ...(ratio !== undefined && { ratio }),
    ...(spec.target && { target: spec.target }),
    ...(verdict && { verdict }),
    ...(steals.length > 0 && { steal_percent: Math.max(...steals) }),
    repeated: all.repeated,
  };
}

function ratioWithinRounds(own: readonly Sample[], other: readonly Sample[]): number {
  return median(
    own.flatMap(({ value, round }) => {
      const pair = other.find((sample) => sample.round === round);
      return pair === undefined ? [] : [value / pair.value];
    }),
  );
}

function verdictOf(target: Target, figureBetter: FigureSpec["better"], value: number, ratio: number | undefined): Verdict | undefined {
  const judged = target.of === "value" ? value : ratio;
  if (judged === undefined || Number.isNaN(judged)) return undefined;
  const better = target.better ?? figureBetter;
  const reaches = (bound: number) => (better === "higher" ? judged >= bound : judged <= bound);
  return reaches(target.aim) ? "aim" : target.must !== undefined && reaches(target.must) ? "must" : "missed";
}
