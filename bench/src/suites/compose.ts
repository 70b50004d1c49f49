// How long a plan takes to compose among many capabilities, its explanation included: an ordinary goal, and one whose search ends at its bound.

import { createPlannerAgent, createPlaybookLibrary } from "@kos/kplanner";
import type { CapabilityShape } from "@kos/plan";
import type { Contender, FigureSpec, Suite } from "../harness/figure.ts";

const CAPABILITIES = 500;
const GOALS = [
  { id: "ordinary", words: 30, title: "an ordinary goal" },
  { id: "hard", words: 100, title: "a goal twelve calls deep, at the bound of the search" },
] as const;

const FIGURES: readonly FigureSpec[] = GOALS.map(({ id, title }) => ({
  id,
  title: `processor time to compose ${title}, ${CAPABILITIES} capabilities`,
  unit: "ms",
  better: "lower",
  target: { of: "value", must: 200, aim: 100 },
}));

export const compose: Suite = {
  name: "compose",
  title: "Composing plans from what is given to what is wanted",
  figures: FIGURES,
  open() {
    const contenders = GOALS.map(({ id, words }): Contender => {
      const catalogue = largeCatalogue(words);
      const agent = createPlannerAgent({ playbooks: createPlaybookLibrary({ list: async () => [], read: async () => [] }), catalogue });
      const make = agent.capabilities.get("plan.make");
      const request = { given: { "w.n0": "x", "w.n1": "y" }, want: `w.n${words - 1}` };
      return {
        name: id,
        async measure() {
          const start = process.cpuUsage();
          await make?.run(request, {} as never);
          const { user, system } = process.cpuUsage(start);
          return { [id]: (user + system) / 1000 };
        },
      };
    });
    return Promise.resolve({ contenders, warmUps: 2, [Symbol.asyncDispose]: () => Promise.resolve() });
  },
};

/** Layers of words, several ways from one to the next, joins of up to three; the same every time. */
function largeCatalogue(words: number): ReadonlyMap<string, CapabilityShape> {
  let state = 7;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const typed = (names: readonly string[]) => Object.fromEntries(names.map((word, index) => [`v${index}`, { "x-kos-type": word }]));
  const schema = (names: readonly string[]) => ({
    type: "object",
    properties: typed(names),
    required: names.map((_, index) => `v${index}`),
  });
  const capabilities = Array.from({ length: CAPABILITIES }, (_, index): CapabilityShape => {
    const layer = 1 + next(words - 1);
    const takes = Array.from({ length: 1 + next(3) }, () => `w.n${Math.max(0, layer - 1 - next(12))}`);
    return {
      name: `cap.n${index}`,
      input: schema([...new Set(takes)]),
      output: schema([`w.n${layer}`]),
      effects: next(4) === 0 ? ["net.read"] : [],
      idempotent: true,
      timeout_ms: [5_000, 60_000, 600_000][next(3)] ?? 1000,
      retry: { max_attempts: 1 },
      cost: 1 + next(4),
      output_labels: [],
    };
  });
  return new Map(capabilities.map((capability) => [capability.name, capability]));
}
