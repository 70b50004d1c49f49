// Who holds a TCP port on this machine, as far as the system tells; for the error that says the port is taken.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { probeJson } from "./system-machine.ts";

const run = promisify(execFile);

/** `kOS node (pid 123)`, `node (pid 123)`, or undefined where it cannot be told. */
export async function portHolder(port: number): Promise<string | undefined> {
  const [kos, program] = await Promise.all([kosNodeAt(port), programAt(port)]);
  if (kos) return program === undefined ? "another kOS node" : `another kOS node, ${program}`;
  return program;
}

async function kosNodeAt(port: number): Promise<boolean> {
  const document = await probeJson(port, "/.well-known/klp.json", 500);
  if (typeof document !== "object" || document === null) return false;
  const { protocol } = document as { readonly protocol?: unknown };
  return typeof protocol === "string" && protocol.startsWith("klp/");
}

async function programAt(port: number): Promise<string | undefined> {
  const found = (await ask("lsof", ["-nP", "-sTCP:LISTEN", `-iTCP:${port}`, "-Fpc"])) ?? "";
  const [, pid, name] = /p(\d+)\nc(.+)/.exec(found) ?? [];
  if (pid !== undefined) return `${name} (pid ${pid})`;
  const listening = (await ask("ss", ["-Hltnp", `sport = :${port}`])) ?? "";
  const [, ssName, ssPid] = /users:\(\("([^"]+)",pid=(\d+)/.exec(listening) ?? [];
  return ssPid === undefined ? undefined : `${ssName} (pid ${ssPid})`;
}

async function ask(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(program, args, { timeout: 2000 })).stdout;
  } catch {
    return undefined; // The program is missing or finds nothing: the error message does without.
  }
}
