// The first run as a stranger has it: a clean clone of what is committed, an empty npm cache, the machine's own Node. Printed beside the
// figures of FIELD's table: `node bench/first-run/main.ts [--node PATH] [--warm-cache] [--keep]`.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { memoryOfTree } from "../src/node/process-memory.ts";
import { makeSampleRepository } from "../src/node/sample-repository.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const IDLE_MS = 10_000;
const READY_WITHIN_MS = 120_000;

interface FirstRun {
  readonly installS: number;
  readonly againS: number;
  readonly besideRuntimeMb: number;
  readonly runtimeMb: number;
  readonly packages: number;
  readonly readyS: number;
  readonly idleRssMb: number | undefined;
  readonly idlePssMb: number | undefined;
  readonly firstResultS: number;
  readonly verifiedS: number;
}

/** As measured on another 2-core machine for the page FIELD; not measured here. */
const FIELD_ROWS = [
  ["OpenClaw (FIELD)", "53.5 s, 647 MB, 331 packages", "17 s", "0.77–0.82 GB", "a login or key"],
  ["Mastra dev (FIELD)", "40 s, 320 MB, 409 packages", "31 s", "1.7 GB (server 305 MB)", "a key"],
  ["VoltAgent (FIELD)", "59 s, 368 MB, 506 packages", "1.7 s", "139 MB", "a key"],
  ["kOS, to reach (FIELD)", "< 30 s, < 150 MB, < 200 packages beside the runtime", "< 1 s", "< 120 MB", "nothing"],
] as const;

const { values } = parseArgs({
  options: { node: { type: "string" }, "warm-cache": { type: "boolean", default: false }, keep: { type: "boolean", default: false } },
});

const folder = mkdtempSync(join(tmpdir(), "kos-first-run-"));
try {
  const node = values.node ?? systemNode();
  console.log(
    `Node of the machine: ${node} ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()}, npm cache ${values["warm-cache"] ? "as it is" : "empty"}`,
  );
  print(await firstRun(node));
} finally {
  if (values.keep) console.log(`Kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}

async function firstRun(node: string): Promise<FirstRun> {
  const clone = join(folder, "kos");
  execFileSync("git", ["clone", "-q", "--no-local", "--depth", "1", `file://${realpathSync(ROOT)}`, clone]);
  const env = environment(node);
  const data = join(folder, "data");
  const sample = join(folder, "sample");
  makeSampleRepository(sample);
  const start = (...args: readonly string[]) => run(node, [join(clone, "scripts", "start.mjs"), ...args], env);

  // The first command of all sets up; the second shows what the start script costs once that is done.
  const install = await start("--version");
  const again = await start("--version");
  const job = await start("run", "repo-report", "--path", sample, "--data", data, "--json");
  const evidence = await start("show", "last", "--evidence", "--data", data);
  const file = join(folder, "run.kos.json");
  writeFileSync(file, evidence.stdout);
  const verify = await start("verify", file, "--data", data);
  await start("stop", "--data", data);
  const idle = await readyAndIdle(node, clone, join(folder, "idle-data"), env);
  const runtime = join(clone, ".runtime");
  return {
    installS: install.elapsedMs / 1000,
    againS: again.elapsedMs / 1000,
    besideRuntimeMb: (sizeOf(join(clone, "node_modules")) + sizeOf(join(clone, "dist"))) / 1e6,
    runtimeMb: sizeOf(runtime) / 1e6,
    packages: packagesIn(join(clone, "node_modules", ".package-lock.json")),
    ...idle,
    firstResultS: (install.elapsedMs + job.elapsedMs) / 1000,
    verifiedS: (install.elapsedMs + job.elapsedMs + evidence.elapsedMs + verify.elapsedMs) / 1000,
  };
}

async function readyAndIdle(node: string, clone: string, data: string, env: NodeJS.ProcessEnv) {
  const started = performance.now();
  const child = spawn(node, [join(clone, "scripts", "start.mjs")], {
    stdio: "ignore",
    env: { ...env, KOS_DATA: data, KOS_LISTEN__PORT: "0" },
  });
  const nodeFile = join(data, "node.json");
  for (;;) {
    if (performance.now() - started > READY_WITHIN_MS || child.exitCode !== null) throw new Error("npm start did not come up");
    const file = existsSync(nodeFile)
      ? (JSON.parse(readFileSync(nodeFile, "utf8")) as { readonly url: string; readonly pid: number })
      : undefined;
    const ready =
      file !== undefined &&
      (await fetch(`${file.url}/ready`).then(
        ({ ok }) => ok,
        () => false,
      ));
    if (!ready) {
      await pause(5);
      continue;
    }
    const readyS = (performance.now() - started) / 1000;
    await pause(IDLE_MS);
    const memory = memoryOfTree(file.pid);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    return { readyS, idleRssMb: memory?.rssMb, idlePssMb: memory?.pssMb };
  }
}

async function run(node: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const started = performance.now();
  const child = spawn(node, args, { stdio: ["ignore", "pipe", "pipe"], env });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`${args.slice(1).join(" ")} ended with ${code}: ${stderr.slice(-1000)}${stdout.slice(-500)}`);
  return { stdout, elapsedMs: performance.now() - started };
}

/** The person's own Node: the first on PATH that is not this checkout's. */
function systemNode(): string {
  const own = join(realpathSync(ROOT), ".runtime");
  const found = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((path) => join(path, "node"))
    .find((path) => existsSync(path) && !realpathSync(path).startsWith(own));
  return found ?? process.execPath;
}

function environment(node: string): NodeJS.ProcessEnv {
  const own = join(realpathSync(ROOT), ".runtime");
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((each) => !each.startsWith(own));
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("KOS_") && name !== "NODE_COMPILE_CACHE");
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(node), ...path].join(delimiter),
    ...(values["warm-cache"] ? {} : { npm_config_cache: join(folder, "npm-cache") }),
  };
}

function sizeOf(path: string): number {
  if (!existsSync(path)) return 0;
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Packages that were fetched; the workspace's own are links. */
function packagesIn(file: string): number {
  const { packages } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly link?: boolean }>>;
  };
  return Object.entries(packages).filter(([place, { link }]) => place.startsWith("node_modules/") && link !== true).length;
}

function print(result: FirstRun): void {
  const s = (value: number) => `${value.toFixed(1)} s`;
  const mb = (value: number | undefined) => (value === undefined ? "–" : `${Math.round(value)} MB`);
  const ours = [
    "kOS (measured now)",
    `${s(result.installS)}, ${mb(result.besideRuntimeMb)}, ${result.packages} packages beside the runtime (${mb(result.runtimeMb)})`,
    s(result.readyS),
    `${mb(result.idleRssMb)} RSS, ${mb(result.idlePssMb)} PSS`,
    "nothing",
  ];
  const rows = [["", "install", "ready", "idle memory", "needs"], ...FIELD_ROWS, ours];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  for (const row of rows) console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
  console.log(
    `From the first command on a clean clone, set-up included: ${s(result.firstResultS)} to the reviewed report, ${s(result.verifiedS)} to verified evidence (to reach: 30 s).`,
  );
  console.log(`The start script once set up: ${s(result.againS)}.`);
}
