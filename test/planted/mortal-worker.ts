// A planted worker process: the real one, but that opening a certain document kills it.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const { worker } = JSON.parse(readFileSync(join(process.cwd(), "planted.json"), "utf8")) as { worker: string };
const preload = new URL("./fatal-document.mjs", import.meta.url).href;
const real = spawn(process.execPath, ["--import", preload, worker], { stdio: "inherit", env: process.env });
real.once("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => real.kill(signal));
