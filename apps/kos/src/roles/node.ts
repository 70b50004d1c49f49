// Process role: the node. It reads arguments and environment, starts everything, and ends cleanly on SIGTERM and SIGINT.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { configFiles, loadConfig } from "@kos/config";
import { isKosError, KosError, selfTest, toWireError } from "@kos/klp";

import { type LogSink, prettySink } from "@kos/telemetry";
import { systemClock } from "../clock.ts";
import { greeting } from "../greeting.ts";
import { type KosNode, startNode } from "../node.ts";
import { VERSION } from "../version.ts";

const OPTIONS = {
  data: { type: "string" },
  port: { type: "string" },
  mode: { type: "string", default: "service" },
  workers: { type: "string" },
  announce: { type: "string", default: "text" },
  set: { type: "string", multiple: true },
} as const;

type Arguments = ReturnType<typeof readArguments>;

function readArguments() {
  return parseArgs({ args: process.argv.slice(2), options: OPTIONS, allowPositionals: false }).values;
}

async function main(): Promise<void> {
  selfTest();
  const values = readArguments();
  const json = values.announce === "json";
  try {
    const node = await start(values);
    process.stdout.write(
      json ? `${JSON.stringify({ event: "ready", url: node.url, data: node.data, did: node.did, pid: process.pid })}\n` : greeting(node),
    );
    try {
      await Promise.race([node.stopped, signalled()]);
    } finally {
      await node.close();
    }
  } catch (error) {
    const wire = toWireError(error);
    if (json) process.stdout.write(`${JSON.stringify({ event: "error", error: wire })}\n`);
    else process.stderr.write(`error ${wire.code}: ${isKosError(error) ? error.message : wire.message}\n`);
    process.exitCode = 1;
  }
}

async function start(values: Arguments): Promise<KosNode> {
  if (values.mode !== "job" && values.mode !== "service") throw new KosError("BAD_REQUEST", "--mode is `service` or `job`.");
  const data = resolve(values.data ?? (process.env["KOS_DATA"] || join(homedir(), ".kos")));
  const root = projectRoot(import.meta.dirname);
  const config = await loadConfig({
    shippedDir: join(root, "config"),
    dataDir: data,
    env: process.env,
    flags: flagsOf(values),
    files: configFiles,
  });
  return startNode({
    data,
    config,
    mode: values.mode,
    version: VERSION,
    clock: systemClock,
    entries: { worker: sibling("worker").pathname, writer: sibling("writer"), auditor: sibling("auditor") },
    shippedPlaybooks: join(root, "playbooks"),
    console: { folder: join(root, "dist", "console"), program: join(root, "scripts", "console.mjs"), env: process.env },
    path: process.env["PATH"] ?? "",
    watchLog: values.announce === "text" && process.stderr.isTTY ? terminalSink() : undefined,
    onLogError: (error) => void process.stderr.write(`the log cannot be written: ${toWireError(error).code}\n`),
  });
}

/** What a person who keeps the node in a terminal sees of the log. */
function terminalSink(): LogSink {
  const color = process.env["NO_COLOR"] === undefined;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return prettySink({ write: (line) => void process.stderr.write(line), level: "warn", color, timeZone });
}

/** Roles lie beside each other, as sources and as bundles. */
function sibling(role: string): URL {
  return new URL(`./${role}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
}

/** The folder with `playbooks/` and `config/`, above the sources or the bundle. */
function projectRoot(from: string): string {
  if (existsSync(join(from, "playbooks")) && existsSync(join(from, "config"))) return from;
  const above = dirname(from);
  if (above === from)
    throw new KosError("INTERNAL", "The folders `playbooks` and `config` of kOS are not where they should be. Check the checkout.");
  return projectRoot(above);
}

function flagsOf(values: Arguments): Record<string, unknown> {
  const flags: Record<string, unknown> = {};
  for (const setting of values.set ?? []) {
    const at = setting.indexOf("=");
    if (at < 1) throw new KosError("BAD_REQUEST", `--set takes KEY=VALUE, not "${setting.slice(0, 80)}".`);
    flags[setting.slice(0, at)] = setting.slice(at + 1);
  }
  if (values.port !== undefined) flags["listen.port"] = values.port;
  if (values.workers !== undefined) flags["workers.count"] = values.workers;
  return flags;
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
}

await main();
