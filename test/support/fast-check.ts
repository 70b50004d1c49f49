// fast-check as the suites get it (vitest.config.ts puts this in its place): the same cases in every run, so that a test which turns red was turned
// red by a change. `npm run fuzz` sets KOS_FUZZ_TIMES: then cases are new ones, and so many times as many.

import { createRequire } from "node:module";
import type fc from "fast-check";

type FastCheck = typeof fc;

const SEED = 20_261_128;
const DEFAULT_RUNS = 100;

const { default: real } = createRequire(import.meta.url)("fast-check") as { readonly default: FastCheck };
const times = Number(process.env["KOS_FUZZ_TIMES"] ?? 0);

const assert: FastCheck["assert"] = (property, parameters) =>
  real.assert(
    property as never,
    times === 0 ? { seed: SEED, ...parameters } : { ...parameters, numRuns: times * (parameters?.numRuns ?? DEFAULT_RUNS) },
  );

// oxlint-disable-next-line import/no-default-export -- it stands in for a module that has one
export default { ...real, assert } satisfies FastCheck;
