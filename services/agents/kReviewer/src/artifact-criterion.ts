// Checks an artifact that a task has written: that it is there, that its bytes are those of its hash, and what they hold.

import type { ArtifactRef, ArtifactSink } from "@kos/agent";
import { hashText, isKosError } from "@kos/klp";
import type { Criterion } from "@kos/plan";
import { clip, shownValue } from "./json-text.ts";
import { checkSchema } from "./schema-criterion.ts";

export interface ArtifactProblem {
  readonly message: string;
  readonly path?: string;
  readonly expected?: string;
  readonly actual?: string;
}

export type ArtifactCriterion = Extract<Criterion, { kind: "artifact" }>;

const MAX_BYTES = 256 * 1024 * 1024;

/** Empty when the criterion holds. */
export async function checkArtifact(
  criterion: ArtifactCriterion,
  written: readonly ArtifactRef[],
  store: Pick<ArtifactSink, "get">,
): Promise<readonly ArtifactProblem[]> {
  // The last one written under a name is the one that counts.
  const ref = written.findLast((artifact) => artifact.name === criterion.name);
  if (ref === undefined) return [missing(criterion, written)];
  const problems: ArtifactProblem[] = [];
  if (criterion.media_type !== undefined && ref.media_type !== criterion.media_type) {
    problems.push(unlike(criterion, "media type", criterion.media_type, ref.media_type));
  }
  const bytes = await readVerified(ref, store);
  if (!(bytes instanceof Uint8Array)) return [...problems, bytes];
  if (criterion.min_bytes !== undefined && bytes.length < criterion.min_bytes) {
    problems.push(unlike(criterion, "size", `at least ${criterion.min_bytes} bytes`, `${bytes.length} bytes`));
  }
  if (criterion.max_bytes !== undefined && bytes.length > criterion.max_bytes) {
    problems.push(unlike(criterion, "size", `at most ${criterion.max_bytes} bytes`, `${bytes.length} bytes`));
  }
  if (criterion.contains === undefined && criterion.schema === undefined) return problems;
  const text = decode(bytes);
  if (text === undefined) return [...problems, unlike(criterion, "content", "text in UTF-8", "other bytes")];
  return [...problems, ...containedIn(criterion, text), ...fitsSchema(criterion, text)];
}

function missing(criterion: ArtifactCriterion, written: readonly ArtifactRef[]): ArtifactProblem {
  const names = [...new Set(written.map((artifact) => artifact.name))].slice(0, 12).join(", ");
  return {
    message: `the artifact "${clip(criterion.name)}" was not written`,
    expected: criterion.name,
    actual: names === "" ? "no artifact" : clip(names),
  };
}

async function readVerified(ref: ArtifactRef, store: Pick<ArtifactSink, "get">): Promise<Uint8Array | ArtifactProblem> {
  try {
    const bytes = await store.get(ref.hash, { maxBytes: MAX_BYTES });
    const actual = hashText(bytes);
    if (actual === ref.hash && bytes.length === ref.bytes) return bytes;
    return {
      message: `the bytes of "${clip(ref.name)}" are not those it was announced with`,
      expected: `${ref.hash}, ${ref.bytes} bytes`,
      actual: `${actual}, ${bytes.length} bytes`,
    };
  } catch (error) {
    if (!isKosError(error)) throw error;
    return { message: `"${clip(ref.name)}" cannot be read: ${clip(error.message)}`, expected: ref.hash, actual: error.code };
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function containedIn(criterion: ArtifactCriterion, text: string): readonly ArtifactProblem[] {
  return (criterion.contains ?? [])
    .filter((wanted) => !text.includes(wanted))
    .map((wanted) => unlike(criterion, "content", `the text ${shownValue(wanted)}`, "it is not there"));
}

function fitsSchema(criterion: ArtifactCriterion, text: string): readonly ArtifactProblem[] {
  if (criterion.schema === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [unlike(criterion, "content", "JSON", shownValue(text.slice(0, 60)))];
  }
  const result = checkSchema(criterion.schema, value);
  if (result.outcome === "broken") return [{ message: `its schema could not be evaluated: ${result.why}` }];
  return result.violations.map((violation) => ({ ...violation, message: `in "${clip(criterion.name)}": ${violation.message}` }));
}

function unlike(criterion: ArtifactCriterion, what: string, expected: string, actual: string): ArtifactProblem {
  return { message: `the ${what} of "${clip(criterion.name)}": expected ${clip(expected)}, found ${clip(actual)}`, expected, actual };
}
