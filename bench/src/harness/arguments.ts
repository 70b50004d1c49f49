// The command line of the bench.

import { parseArgs } from "node:util";

export interface BenchArguments {
  /** Words that a suite's name must hold one of; empty: all that are not on demand. */
  readonly only: readonly string[];
  readonly runs: number;
  readonly json: string | undefined;
  readonly quick: boolean;
  readonly peers: boolean;
  /** Where profiles go. */
  readonly profile: string | undefined;
  readonly list: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run bench -- [options] [words]
  words           suites whose names hold one of them, also as --only a,b
  --runs N        runs that count, of each thing measured (default 5; 3 with --quick)
  --quick         smaller amounts, for a first look
  --peers         the same plan shape on other systems, beside the engine (installs bench/peers)
  --json FILE     where the figures go (default bench/results/<time>.json)
  --profile DIR   a processor profile of each suite (.cpuprofile)
  --list          names of the suites
`;

const LEAST_RUNS = 1;

/** Throws on an unknown option or a number that is none. */
export function readArguments(args: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: "string", multiple: true },
      runs: { type: "string" },
      json: { type: "string" },
      quick: { type: "boolean", default: false },
      peers: { type: "boolean", default: false },
      profile: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const runs = Number(values.runs ?? (values.quick ? 3 : 5));
  if (!Number.isInteger(runs) || runs < LEAST_RUNS)
    throw new Error(`--runs takes a whole number from ${LEAST_RUNS} on, not "${values.runs}".`);
  return {
    only: [...(values.only ?? []), ...positionals].flatMap((words) => words.split(",")).filter((word) => word !== ""),
    runs,
    json: values.json,
    quick: values.quick,
    peers: values.peers,
    profile: values.profile,
    list: values.list,
    help: values.help,
  };
}
