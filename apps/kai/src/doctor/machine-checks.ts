// What the doctor looks at on this machine, without any node: runtime, cryptography, git, limits, data folder, disk, port.

import { execFile } from "node:child_process";
import { lstat, readdir, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { selfTest } from "@kos/klp";
import { formatBytes } from "../format/quantity.ts";
import { bad, type Finding, good, note } from "./check.ts";

const LEAST_NODE = 24;
/** The first whose permission model covers the network. */
const BOUNDING_NODE = 25;
const LOW_DISK_BYTES = 500_000_000;
const OTHERS = 0o077;
const MOST_NAMED = 5;

export function checkRuntime(version: string, path: string): Finding {
  const major = Number(version.replace(/^v/, "").split(".")[0]);
  if (major < LEAST_NODE)
    return bad("runtime", `Node.js ${version} is too old`, `kOS needs ${LEAST_NODE} or later; \`npm start\` brings one.`);
  if (major < BOUNDING_NODE)
    return note(
      "runtime",
      `Node.js ${version} cannot keep the network from processes that read hostile files`,
      `Node.js ${BOUNDING_NODE} or later can.`,
    );
  return good("runtime", `Node.js ${version} (${path})`);
}

/** Known answers of the signatures and hashes that everything rests on. */
export function checkCryptography(): Finding {
  try {
    selfTest();
    return good("self-test", "signatures, hashes and canonical JSON give the known answers");
  } catch (error) {
    return bad("self-test", error instanceof Error ? error.message : String(error), "Do not use this runtime; install another one.");
  }
}

export async function checkGit(): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)("git", ["--version"], { timeout: 5000 });
    return good("git", stdout.trim());
  } catch {
    return note("git", "not found", "Reports on code bases then lack what only git knows. Install git.");
  }
}

/**
 * Whether processes that read what strangers made can be held to a limit on memory. `platform` as in `process.platform`; `searchPath` is the
 * PATH that a node of this person would have.
 */
export async function checkMemoryLimit(platform: string, searchPath: string): Promise<Finding> {
  const without = "a hostile file or page can take all memory; only the JavaScript heap is limited";
  if (platform !== "linux")
    return note("confinement", `no limit on memory on this system: ${without}`, "On Linux there is one, with util-linux.");
  try {
    const { stdout } = await promisify(execFile)("prlimit", ["--version"], { timeout: 5000, env: { PATH: searchPath } });
    return good("confinement", `memory is limited by ${stdout.trim()}`);
  } catch {
    return note("confinement", `no limit on memory, prlimit is not found: ${without}`, "Install util-linux and start the node again.");
  }
}

/** Modes and owner of the data folder and of everything secret in it. */
export async function checkDataFolder(folder: string, uid: number | undefined): Promise<readonly Finding[]> {
  let mode: number;
  try {
    const stat = await lstat(folder);
    mode = stat.mode & 0o777;
    if (uid !== undefined && stat.uid !== uid) {
      return [
        bad(
          "data folder",
          `${folder} belongs to another user (uid ${stat.uid})`,
          "Run kai as that user, or choose another folder with --data.",
        ),
      ];
    }
  } catch {
    return [note("data folder", `${folder} is not there yet`, "The first node makes it.")];
  }
  if ((mode & OTHERS) !== 0)
    return [bad("data folder", `${folder} is open to others (mode ${mode.toString(8)})`, `Run: chmod 700 '${folder}'`)];
  const open = await openToOthers(folder);
  if (open.length > 0) {
    const more = open.length > MOST_NAMED ? ` and ${open.length - MOST_NAMED} more` : "";
    return [
      bad(
        "data folder",
        `open to others: ${open.slice(0, MOST_NAMED).join(", ")}${more}`,
        "Run: chmod 600 on each; if others may have read it, rotate it.",
      ),
    ];
  }
  return [good("data folder", `${folder}, private`)];
}

async function openToOthers(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const keys = await readdir(join(folder, "keys")).catch(() => []);
  const paths = [...entries.filter((entry) => entry.isFile()).map(({ name }) => name), ...keys.map((name) => join("keys", name))];
  const found = await Promise.all(
    paths.map(async (path) => {
      const stat = await lstat(join(folder, path)).catch(() => undefined);
      return stat !== undefined && (stat.mode & OTHERS) !== 0 ? [path] : [];
    }),
  );
  return found.flat();
}

export async function checkDisk(folder: string): Promise<Finding> {
  for (let path = folder; ; path = join(path, "..")) {
    try {
      const { bavail, bsize } = await statfs(path);
      const free = bavail * bsize;
      return free >= LOW_DISK_BYTES
        ? good("disk", `${formatBytes(free)} free`)
        : bad("disk", `only ${formatBytes(free)} free`, "Free some space: a full disk stops every write.");
    } catch {
      if (path === join(path, "..")) return note("disk", "free space cannot be told");
    }
  }
}

/** Whether a node could listen where it would by default. */
export async function checkPort(port: number): Promise<Finding> {
  const server = createServer();
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error));
    server.listen({ port, host: "localhost", exclusive: true }, () => resolve(undefined));
  });
  if (problem === undefined) {
    await new Promise<void>((resolve) => server.close(() => resolve()));
    return good("port", `${port} is free`);
  }
  return note("port", `${port} cannot be used (${problem.code ?? "unknown"})`, `\`kai up\` would need another: kai up --port ${port + 1}`);
}
