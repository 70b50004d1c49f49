// Tells the language of a text file from its name, its first line and, where an extension is shared, a look at its beginning. It opens nothing.

import { LANGUAGES, type LanguageType } from "./language-table.ts";

export interface Language {
  readonly name: string;
  readonly type: LanguageType;
}

const byName = new Map<string, Language>();
const byFileName = new Map<string, Language>();
const byExtension = new Map<string, Language>();
const byInterpreter = new Map<string, Language>();
for (const [name, type, extensions, fileNames = "", interpreters = ""] of LANGUAGES) {
  const language = { name, type };
  byName.set(name, language);
  for (const fileName of parts(fileNames, "|")) byFileName.set(fileName, language);
  for (const extension of parts(extensions, " ")) byExtension.set(extension, language);
  for (const interpreter of parts(interpreters, " ")) byInterpreter.set(interpreter, language);
}

function parts(text: string, separator: string): readonly string[] {
  return text === "" ? [] : text.split(separator);
}

/** `tool.1` is a manual page only if it reads like one; `release-3.8.1` is none. */
const MANUAL_SECTION = /^[1-9]$/;
const MANUAL_PAGE = /^(?:[.']\\"|[.'](?:TH|SH|Dd|Dt|Sh|so|de)\b)/m;

/** Names with a free ending that mean the same as the plain name. */
const FILE_NAME_PATTERNS: readonly (readonly [pattern: RegExp, language: string])[] = [
  [/^(?:Dockerfile|Containerfile)[.-]/, "Dockerfile"],
  [/^\.env\./, "Dotenv"],
  [/^(?:(?:un)?licen[cs]es?|copying|notice|readme|changelog|authors|contributors|todo|version)(?:[-_][\w.-]*)?$/i, "Text"],
];

/** What else an extension can be: the first whose pattern is found at the file's beginning, else the table's. */
const CLOSER_LOOKS: ReadonlyMap<string, readonly (readonly [pattern: RegExp, language: string])[]> = new Map([
  [
    "h",
    [
      [/^[ \t]*@(?:interface|protocol|class|end|import)\b|^[ \t]*#\s*import\b/m, "Objective-C"],
      [
        /^[ \t]*(?:class\s+\w+[^;]*$|namespace\b|template\s*<|using\s+(?:namespace|\w+\s*=)|(?:public|private|protected)\s*:)|\bstd::|^[ \t]*#\s*include\s*<(?:string|vector|memory|map|iostream|functional|algorithm)>/m,
        "C++",
      ],
    ],
  ],
  [
    "m",
    [
      [/^[ \t]*(?:@(?:interface|implementation|import|protocol|property)\b|#\s*(?:import|include)\b)/m, "Objective-C"],
      [/^[ \t]*(?:function\b|classdef\b|%|end\s*$)/m, "MATLAB"],
    ],
  ],
  [
    "pl",
    [
      [/^[ \t]*(?:use\s+(?:strict|warnings|v?\d|[A-Z])|my\s+[$@%(]|package\s+\w|sub\s+\w|#!.*perl)/m, "Perl"],
      [/^[ \t]*:-|^[a-z]\w*\([^)]*\)\s*(?::-|\.)/m, "Prolog"],
    ],
  ],
  ["ts", [[/^[ \t]*<\?xml|^[ \t]*<!DOCTYPE TS/, "XML"]]],
  ["rs", [[/^[ \t]*<\?xml/, "XML"]]],
  [
    "v",
    [
      [/^[ \t]*(?:module\s+main|fn\s+\w+\s*\(|import\s+\w+\s*$)/m, "V"],
      [/^[ \t]*(?:Theorem|Lemma|Definition|Require Import|Proof\.)/m, "Coq"],
    ],
  ],
  [
    "cls",
    [
      [/^VERSION\s+\d|^Attribute VB_/m, "Visual Basic 6.0"],
      [/\b(?:public|private|global)\s+(?:\w+\s+)*class\b/i, "Apex"],
    ],
  ],
  [
    "inc",
    [
      [/<\?(?:php|=)/, "PHP"],
      [/^[ \t]*#\s*(?:include|define|if)/m, "C++"],
    ],
  ],
  ["d", [[/^[^\n:]+\.o\s*:/, "Makefile"]]],
  ["cl", [[/^[ \t]*\(def/m, "Common Lisp"]]],
  [
    "l",
    [
      [/^[ \t]*\(def/m, "Common Lisp"],
      [/^\.\\"|^\.TH\b/m, "Roff"],
    ],
  ],
  ["pp", [[/^[ \t]*(?:unit|program|uses)\s+\w/im, "Pascal"]]],
  ["php", [[/^<\?hh/, "Hack"]]],
  ["pro", [[/^[ \t]*:-|^[a-z]\w*\([^)]*\)\s*(?::-|\.)/m, "Prolog"]]],
  ["ftl", [[/<#|<@|\$\{/, "FreeMarker"]]],
]);

/** The language of the text file of that name, or nothing if it is not known. `beginning` is the start of its text. */
export function languageOf(fileName: string, beginning: string): Language | undefined {
  const exact = byFileName.get(fileName);
  if (exact !== undefined) return exact;
  const suffix = knownSuffix(fileName);
  const closer = closerLook(fileName, beginning);
  if (closer !== undefined) return closer;
  const pattern = FILE_NAME_PATTERNS.find(([candidate]) => candidate.test(fileName));
  if (pattern !== undefined) return byName.get(pattern[1]);
  if (suffix !== undefined && (!MANUAL_SECTION.test(suffix) || MANUAL_PAGE.test(beginning))) return byExtension.get(suffix);
  return interpreterOf(beginning);
}

/** The longest ending after a dot that the table knows: `blade.php` before `php`. */
function knownSuffix(fileName: string): string | undefined {
  const lower = fileName.toLowerCase();
  for (let dot = lower.indexOf("."); dot >= 0; dot = lower.indexOf(".", dot + 1)) {
    const suffix = lower.slice(dot + 1);
    if (byExtension.has(suffix)) return suffix;
  }
  return undefined;
}

function closerLook(fileName: string, beginning: string): Language | undefined {
  const extension = fileName.slice(fileName.lastIndexOf(".") + 1).toLowerCase();
  const found = CLOSER_LOOKS.get(extension)?.find(([pattern]) => pattern.test(beginning));
  return found === undefined ? undefined : byName.get(found[1]);
}

/** From `#!/usr/bin/env -S python3.11 -u` to Python. */
function interpreterOf(beginning: string): Language | undefined {
  if (!beginning.startsWith("#!")) return undefined;
  const words = (beginning.slice(2).split("\n", 1)[0] ?? "").trim().split(/\s+/);
  const first = baseName(words[0] ?? "");
  const program = first === "env" ? baseName(words.slice(1).find((word) => !word.startsWith("-") && !word.includes("=")) ?? "") : first;
  return byInterpreter.get(program) ?? byInterpreter.get(program.replace(/[\d.]+$/, ""));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
