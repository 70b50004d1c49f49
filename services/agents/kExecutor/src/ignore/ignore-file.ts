// One list of ignore patterns (a .gitignore file, .git/info/exclude, a param) and its decisions, as gitignore(5) defines them and git decides.
// It knows one list only: which lists apply, and in which order, is ignore-rules.ts.

import type { BytePath } from "../paths/byte-path.ts";
import { compileGlob, foldAscii, type Glob } from "./glob.ts";

type IgnoreDecision = "ignored" | "kept";

export interface IgnoreFile {
  /** The decision of the last pattern that matches, if any. `path` is relative to the root, below `base`. */
  decide(path: BytePath, name: string, isFolder: boolean): IgnoreDecision | undefined;
}

interface Rule {
  readonly decision: IgnoreDecision;
  readonly foldersOnly: boolean;
  /** Whether the pattern is tried on the last segment alone. */
  readonly byName: boolean;
  matches(text: string): boolean;
}

const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

/** `content` holds one byte a character; `base` is the folder the patterns are relative to ("" for the root). */
export function parseIgnoreFile(content: string, base: BytePath, ignoreCase: boolean): IgnoreFile {
  const text = content.startsWith(BYTE_ORDER_MARK) ? content.slice(BYTE_ORDER_MARK.length) : content;
  const rules = text.split("\n").flatMap((line) => parseLine(line, ignoreCase) ?? []);
  const offset = base === "" ? 0 : base.length + 1;
  return {
    decide(path, name, isFolder) {
      const inside = offset === 0 ? path : path.slice(offset);
      for (let index = rules.length - 1; index >= 0; index -= 1) {
        const rule = rules[index];
        if (rule === undefined || (rule.foldersOnly && !isFolder)) continue;
        if (rule.matches(rule.byName ? name : inside)) return rule.decision;
      }
      return undefined;
    },
  };
}

function parseLine(raw: string, ignoreCase: boolean): Rule | undefined {
  if (raw === "" || raw.startsWith("#")) return undefined;
  const [text = ""] = (raw.endsWith("\r") ? raw.slice(0, -1) : raw).split("\0", 1);
  const line = trimTrailingSpaces(text);
  const negated = line.startsWith("!");
  let pattern = negated ? line.slice(1) : line;
  const foldersOnly = pattern.endsWith("/");
  if (foldersOnly) pattern = pattern.slice(0, -1);
  if (pattern === "") return undefined;
  const byName = !pattern.includes("/");
  const rooted = pattern.startsWith("/") ? pattern.slice(1) : pattern;
  const matches = byName ? nameMatcher(pattern, ignoreCase) : pathMatcher(rooted, ignoreCase);
  return { decision: negated ? "kept" : "ignored", foldersOnly, byName, matches };
}

/** Trailing spaces do not count unless a backslash stands before them. */
function trimTrailingSpaces(line: string): string {
  let end: number | undefined;
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === " ") end ??= at;
    else {
      end = undefined;
      if (line[at] === "\\") at += 1;
      if (at >= line.length) return line;
    }
  }
  return end === undefined ? line : line.slice(0, end);
}

const SPECIAL = /[*?[\\]/;

/** Most patterns are a name or an ending; those are compared without an automaton. */
function nameMatcher(pattern: string, ignoreCase: boolean): (name: string) => boolean {
  const folded = ignoreCase ? foldAscii(pattern) : pattern;
  if (!SPECIAL.test(pattern)) return ignoreCase ? (name) => foldAscii(name) === folded : (name) => name === pattern;
  const ending = folded.slice(1);
  if (pattern.startsWith("*") && !SPECIAL.test(ending)) {
    return ignoreCase ? (name) => foldAscii(name).endsWith(ending) : (name) => name.endsWith(ending);
  }
  const glob = compileGlob(pattern, { segments: false, ignoreCase });
  return (name) => glob.matches(name);
}

/**
 * A pattern with a slash is tried on the whole path below its base. As in git the part before the first special character is compared alone and the
 * glob begins after it, which gives `foo**x` its meaning there (`**` then stands at a beginning).
 */
function pathMatcher(pattern: string, ignoreCase: boolean): (path: string) => boolean {
  const special = pattern.search(SPECIAL);
  const prefix = special < 0 ? pattern : pattern.slice(0, special);
  const folded = ignoreCase ? foldAscii(prefix) : prefix;
  const rest: Glob | undefined = special < 0 ? undefined : compileGlob(pattern.slice(special), { segments: true, ignoreCase });
  return (path) => {
    const start = path.slice(0, prefix.length);
    if ((ignoreCase ? foldAscii(start) : start) !== folded) return false;
    return rest === undefined ? path.length === prefix.length : rest.matches(path.slice(prefix.length));
  };
}
