// One playbook file: from text to a checked definition that knows where everything stands, or to findings with file, line and column.

import type { Finding } from "@kos/plan";
import { schemaProblems } from "@kos/plan";
import type { Playbook } from "./playbook.ts";
import { PlaybookSchema, playbookHash } from "./playbook.ts";
import { definitionProblems } from "./playbook-params.ts";
import type { PlaybookFile, PlaybookOrigin } from "./playbook-source.ts";
import type { FilePosition } from "./yaml-document.ts";
import { parseYaml } from "./yaml-document.ts";

export interface ReadPlaybook {
  readonly playbook: Playbook;
  readonly hash: string;
  readonly origin: PlaybookOrigin;
  readonly file: string;
  /** `file:line:column` of a JSON path in it. */
  readonly sourceOf: (path: string) => string;
}

export type PlaybookReading = { readonly read: ReadPlaybook } | { readonly findings: readonly Finding[] };

export function readPlaybook(file: PlaybookFile): PlaybookReading {
  const document = parseYaml(file.text);
  if (document.problems.length > 0) return { findings: document.problems.map((problem) => findingAt(file.file, problem, problem)) };

  const sourceOf = (path: string) => place(file.file, document.locate(path));
  const shape = schemaProblems(PlaybookSchema, document.value, "$");
  if (shape.length > 0) return { findings: shape.map((problem) => findingAt(file.file, document.locate(problem.path), problem)) };

  const playbook = document.value as Playbook;
  const problems = [...definitionProblems(playbook)].map(({ path, message, hint }) => ({ path, message, hint }));
  if (playbook.name !== file.name) {
    problems.unshift({
      path: "$.name",
      message: `the file is called ${file.name}.yaml, but the playbook "${playbook.name}".`,
      hint: "Give both the same name.",
    });
  }
  if (problems.length > 0) return { findings: problems.map((problem) => findingAt(file.file, document.locate(problem.path), problem)) };
  return { read: { playbook, hash: playbookHash(playbook), origin: file.origin, file: file.file, sourceOf } };
}

function findingAt(
  file: string,
  position: FilePosition,
  problem: { readonly path: string; readonly message: string; readonly hint: string },
): Finding {
  return {
    code: "SHAPE",
    severity: "error",
    path: problem.path,
    message: problem.message,
    hint: problem.hint,
    source: place(file, position),
  };
}

function place(file: string, { line, column }: FilePosition): string {
  return `${file}:${line}:${column}`;
}
