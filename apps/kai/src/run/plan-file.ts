// Reads a plan or parameters from a JSON or YAML file, or standard input, and says in which line something is wrong.

import { readFile } from "node:fs/promises";
import { KosError } from "@kos/klp";
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { resolvePath } from "../connection/data-files.ts";
import type { Machine } from "../terminal/machine.ts";
import { usageError } from "../usage.ts";

export interface ReadDocument {
  readonly value: unknown;
  /** Where a JSON path of the document (`$.tasks[0].params`) stands: `plan.yaml:12:5`; the nearest enclosing place when it is not there. */
  place(path: string): string;
}

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_ALIASES = 100;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** `-` is standard input. Errors: BAD_REQUEST with the line, TOO_LARGE. */
export async function readDocument(machine: Machine, file: string): Promise<ReadDocument> {
  return parseText(await readTextFile(machine, file), nameOf(file));
}

/** `-` is standard input. Errors: BAD_REQUEST, TOO_LARGE. */
export async function readTextFile(machine: Machine, file: string): Promise<string> {
  const name = nameOf(file);
  const bytes = file === "-" ? await machine.stdin.readAll() : await bytesOf(machine, file);
  if (bytes.length > MAX_BYTES) throw new KosError("TOO_LARGE", `${name} is larger than ${MAX_BYTES / 1024 / 1024} MiB.`);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw usageError(`${name} is not UTF-8 text.`, { cause });
  }
}

function nameOf(file: string): string {
  return file === "-" ? "standard input" : file;
}

/** JSON is read as the YAML that it is, so that both give line numbers. */
export function parseText(text: string, name: string): ReadDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, version: "1.2" });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const [problem] = document.errors;
  if (problem !== undefined)
    throw usageError(`${name} cannot be read: ${problem.message}.`, { place: place(problem.pos[0]), cause: problem });
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw usageError(`${name} unfolds to more than it may: too many aliases.`, { cause });
  }
  return {
    value,
    place: (path) => place(offsetOf(document, stepsOf(path))),
  };
}

async function bytesOf(machine: Machine, file: string): Promise<Uint8Array> {
  try {
    return await readFile(resolvePath(machine, file));
  } catch (cause) {
    throw usageError(`${file} cannot be read: ${reasonOf(cause)}.`, { cause });
  }
}

export function reasonOf(cause: unknown): string {
  switch ((cause as { readonly code?: unknown }).code) {
    case "ENOENT":
      return "there is no such file or folder";
    case "EACCES":
    case "EPERM":
      return "you have no right to it";
    case "EISDIR":
      return "it is a folder";
    case "ENOTDIR":
      return "a part of its path is no folder";
    case "ELOOP":
      return "its links go round in a circle";
    case "ENAMETOOLONG":
      return "its name is too long";
    default:
      return "the system refuses it";
  }
}

/** The steps of `$.tasks[3].params["a b"]`. */
function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)].map(([, name, position, quoted]) => {
    if (position !== undefined) return Number(position);
    return quoted === undefined ? (name ?? "") : String(JSON.parse(quoted));
  });
}

function offsetOf(document: Document.Parsed, steps: readonly (string | number)[]): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const step of steps) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node) && typeof step === "number" && node.items[step] !== undefined) {
      node = node.items[step] as Node;
      offset = node.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}
