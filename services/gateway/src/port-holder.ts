// Who holds a TCP port on this machine, as far as the system tells; for the error that says the port is taken.

import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";
import { probeJson } from "./system-machine.ts";

const run = promisify(execFile);
const ASK_MS = 2000;
const PROBE_MS = 500;
/** State of a listening socket in /proc/net/tcp. */
const LISTENING = "0A";

/** `another kOS node, node (pid 123)`, `node (pid 123)`, or undefined where it cannot be told. */
export async function portHolder(port: number): Promise<string | undefined> {
  const [isNode, program] = await Promise.all([isKosNode(port), programInProc(port).then((found) => found ?? programByLsof(port))]);
  if (isNode) return program === undefined ? "another kOS node" : `another kOS node, ${program}`;
  return program;
}

async function isKosNode(port: number): Promise<boolean> {
  const document = await probeJson(port, "/.well-known/klp.json", PROBE_MS);
  if (typeof document !== "object" || document === null) return false;
  const { protocol } = document as { readonly protocol?: unknown };
  return typeof protocol === "string" && protocol.startsWith("klp/");
}

/** Linux: the inode of the listening socket, then the process that has it open. Processes of other users are not seen. */
async function programInProc(port: number): Promise<string | undefined> {
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")));
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes = tables
    .flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)))
    .filter(([, local, , state]) => local?.endsWith(suffix) === true && state === LISTENING)
    .map((fields) => `socket:[${fields[9]}]`);
  if (inodes.length === 0) return undefined;
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
      if (inodes.includes(target)) return `${(await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "a program")).trim()} (pid ${pid})`;
    }
  }
  return undefined;
}

async function programByLsof(port: number): Promise<string | undefined> {
  try {
    const { stdout } = await run("lsof", ["-nP", "-sTCP:LISTEN", `-iTCP:${port}`, "-Fpc"], { timeout: ASK_MS });
    const [, pid, name] = /p(\d+)\nc(.+)/.exec(stdout) ?? [];
    return pid === undefined ? undefined : `${name} (pid ${pid})`;
  } catch {
    return undefined; // The program is missing or finds nothing: the error message does without.
  }
}
