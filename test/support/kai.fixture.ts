// The terminal client as a person starts it, from its bundle, without a terminal.

import { bundles } from "./bundles.fixture.ts";
import { type Child, startChild } from "./child.fixture.ts";

export interface KaiOptions {
  readonly data: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface KaiResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Every line of stdout as JSON. */
  readonly json: readonly Readonly<Record<string, unknown>>[];
}

export async function startKai(args: readonly string[], { data, cwd, env, input }: KaiOptions): Promise<Child> {
  const built = await bundles();
  return startChild(built.runtime, [built.kai, "--data", data, ...args], {
    env: { NODE_COMPILE_CACHE: built.compileCache, ...env },
    ...(cwd !== undefined && { cwd }),
    ...(input !== undefined && { input }),
  });
}

export async function kai(args: readonly string[], options: KaiOptions): Promise<KaiResult> {
  await using child = await startKai(args, options);
  const { code } = await child.ended;
  const stdout = child.stdout();
  return { code, stdout, stderr: child.stderr(), json: args.includes("--json") ? jsonLines(stdout) : [] };
}

export function jsonLines(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
