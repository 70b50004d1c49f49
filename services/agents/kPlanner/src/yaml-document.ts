// Strict YAML 1.2 for people's files: plain JSON data and, for every value, where in the file it stands. No anchors, tags or merges.

import { childPath, ROOT_PATH } from "@kos/plan";
import type { Node, Pair } from "yaml";
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

export interface FilePosition {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

interface YamlProblem extends FilePosition {
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

export interface YamlDocument {
  /** JSON data; undefined when there are problems. */
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** Where the value at a JSON path stands, or the nearest one around it. */
  locate(path: string): FilePosition;
}

const MAX_CHARS = 256 * 1024;
const MAX_DEPTH = 64;
const QUOTE_HINT = "Inside { } and [ ] a string with ${…} stands in quotes.";
const START: FilePosition = { line: 1, column: 1 };

export function parseYaml(text: string): YamlDocument {
  if (text.length > MAX_CHARS)
    return broken({ ...START, path: ROOT_PATH, message: `the file has more than ${MAX_CHARS} characters.`, hint: "Split it." });
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    strict: true,
    uniqueKeys: true,
    merge: false,
    lineCounter: lines,
    prettyErrors: false,
  });
  const positions = new Map<string, number>();
  const problems: YamlProblem[] = [];

  function at(offset: number): FilePosition {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? START : { line, column: col };
  }

  function report(offset: number, path: string, message: string, hint: string): void {
    problems.push({ ...at(offset), path, message, hint });
  }

  for (const error of [...document.errors, ...document.warnings]) {
    report(error.pos[0], ROOT_PATH, `${firstLine(error.message)}.`, text[error.pos[0] - 1] === "$" ? QUOTE_HINT : hintFor(error.code));
  }
  if (problems.length > 0) return broken(...problems);

  const value = read(document.contents, ROOT_PATH, 0);
  return { value: problems.length > 0 ? undefined : value, problems, locate: (path) => at(positions.get(nearest(path, positions)) ?? 0) };

  function read(node: Node | null, path: string, depth: number): unknown {
    const offset = node?.range?.[0] ?? 0;
    if (!positions.has(path)) positions.set(path, offset);
    if (node === null) return null;
    if (depth > MAX_DEPTH) {
      report(offset, path, `nested deeper than ${MAX_DEPTH}.`, "Flatten it.");
      return null;
    }
    if (isAlias(node) || (node as { readonly anchor?: string }).anchor !== undefined) {
      report(offset, path, "anchors and aliases are not allowed.", "Write the value out.");
      return null;
    }
    if (node.tag !== undefined && !node.tag.startsWith("tag:yaml.org,2002:")) {
      report(offset, path, `the tag ${node.tag} is not allowed.`, "Leave it out.");
      return null;
    }
    if (isScalar(node)) return readScalar(node.value, offset, path);
    if (isSeq(node)) return node.items.map((item, index) => read(asNode(item), childPath(path, index), depth + 1));
    if (isMap(node)) return Object.fromEntries(node.items.flatMap((pair) => readPair(pair, path, depth)));
    report(offset, path, "only maps, lists and plain values are allowed.", "Write it as JSON would.");
    return null;
  }

  function readPair(pair: Pair, path: string, depth: number): readonly [string, unknown][] {
    const key = isPair(pair) && isScalar(pair.key) ? pair.key : undefined;
    const offset = key?.range?.[0] ?? 0;
    if (key === undefined || typeof key.value !== "string") {
      report(offset, path, `the key ${String(key?.value)} is not text.`, "Put it in quotes.");
      return [];
    }
    if (key.anchor !== undefined || key.value === "__proto__") {
      report(offset, path, `the key ${JSON.stringify(key.value)} is not allowed.`, "Choose another name.");
      return [];
    }
    const child = childPath(path, key.value);
    positions.set(child, offset);
    return [[key.value, read(asNode(pair.value), child, depth + 1)]];
  }

  function readScalar(value: unknown, offset: number, path: string): unknown {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))) return value;
    report(
      offset,
      path,
      `${typeof value === "number" || typeof value === "bigint" ? value : "this value"} has no exact JSON form.`,
      "Put it in quotes to keep it as text.",
    );
    return null;
  }
}

function broken(...problems: readonly YamlProblem[]): YamlDocument {
  return { value: undefined, problems, locate: () => START };
}

function asNode(value: unknown): Node | null {
  return value === null || value === undefined ? null : (value as Node);
}

/** A finding may point inside a value that was inserted: then the place of what holds it counts. */
function nearest(path: string, positions: ReadonlyMap<string, number>): string {
  let current = path;
  while (!positions.has(current) && current !== ROOT_PATH) {
    const cut = Math.max(current.lastIndexOf("."), current.lastIndexOf("["));
    if (cut <= 0) return ROOT_PATH;
    current = current.slice(0, cut);
  }
  return current;
}

function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").replace(/[:.]?\s*$/, "");
}

function hintFor(code: string): string {
  switch (code) {
    case "DUPLICATE_KEY":
      return "Every key may stand once in its map.";
    case "TAB_AS_INDENT":
      return "Indent with spaces.";
    case "MULTIPLE_DOCS":
      return "One playbook a file.";
    case "TAG_RESOLVE_FAILED":
      return "Leave the tag out.";
    default:
      return "Check indentation, quotes and colons around this place.";
  }
}
