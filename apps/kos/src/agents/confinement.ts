// How little a process may do that reads hostile bytes: Node's permission model, no code from texts, a limit on memory (docs/decisions/0018).

import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { dataFolderAt } from "../data/data-folder.ts";
import { keyFileOf } from "../data/key-store.ts";

/** What a confined agent needs beyond its own code and key. */
export interface Needs {
  /** The folders and files of the calls a process serves; it is then given only calls with the same ones. */
  readonly roots: boolean;
  readonly network: boolean;
}

export interface ConfinementOptions {
  /** The worker's program. */
  readonly entry: string;
  /** The data folder. */
  readonly data: string;
  readonly agentId: string;
  readonly needs: Needs;
  /** Folders and files of the calls it will serve. */
  readonly fsRoots: readonly string[];
}

/**
 * Arguments of the runtime. What they leave: reading its own code, its own key and, where needed, the roots or the network. No write, no
 * child process, no thread, no native code, no WASI, no debugger; no other agent's key, no token, no database, no blob but by asking.
 */
export function confinement({ entry, data, agentId, needs, fsRoots }: ConfinementOptions): readonly string[] {
  const { keys } = dataFolderAt(data);
  const roots = needs.roots ? [DESCRIPTORS, ...fsRoots.filter(isPlain)] : [];
  const readable = [...codeOf(entry), keyFileOf(keys, agentId), ...roots];
  const network = needs.network && boundsNetwork() ? ["--allow-net"] : [];
  return [...NOTHING_ELSE, ...network, ...readable.map((path) => `--allow-fs-read=${path}`)];
}

/** SQLite opens and writes any path whatever the permissions say (seen with Node 26), so the process does not have it. */
const NOTHING_ELSE = ["--permission", "--disallow-code-generation-from-strings", "--no-experimental-sqlite"] as const;

/** Node 24 has no network part in its permission model: it leaves the network to everybody and takes no flag for it. */
export function boundsNetwork(): boolean {
  return process.allowedNodeEnvironmentFlags.has("--allow-net");
}

/** Where the path of an open descriptor can be looked up (guarded-open.ts); only names can be read there, not content. */
const DESCRIPTORS = "/proc/self/fd/";

/** The runtime takes `*` in a path for any characters. Such a root cannot be granted exactly, so it is not granted. */
function isPlain(path: string): boolean {
  return isAbsolute(path) && !path.includes("*");
}

/** A bundle reads its folder; sources read the whole checkout, for their packages. */
function codeOf(entry: string): readonly string[] {
  if (!entry.endsWith(".ts")) return [dirname(entry), join(dirname(dirname(entry)), "package.json")];
  return [checkoutOf(dirname(entry))];
}

function checkoutOf(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, "node_modules", "@kos")) ? folder : checkoutOf(above);
}

const MIB = 1_048_576;
/** What the runtime reserves before it does anything: measured some 600 MiB for Node 26 on Linux. */
const RESERVED_MB = 768;

/**
 * What to put before the program so that the kernel refuses memory beyond twice the heap: `--max-old-space-size` does not cover buffers, and a
 * stream that unpacks to gigabytes is made of buffers. Refused memory is an error in the parser, not the end of the machine. Linux with
 * util-linux only; elsewhere nothing.
 */
export function memoryLimit(heapMb: number, searchPath: string): readonly string[] {
  if (process.platform !== "linux") return [];
  const program = searchPath
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, "prlimit"))
    .find((path) => existsSync(path));
  return program === undefined ? [] : [realpathSync(program), `--data=${(heapMb * 2 + RESERVED_MB) * MIB}`, "--core=0"];
}
