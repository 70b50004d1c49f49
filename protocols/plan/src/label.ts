// Data-flow labels and the labelled value that travels between tasks. Labels only ever grow, except by a declassification event.

export const LABELS = ["untrusted", "confidential"] as const;
/** `untrusted`: came from the web, mail, MCP or an upload. `confidential`: vault, private memory, private files. */
export type Label = (typeof LABELS)[number];

/** A reference to bytes in the blob store, used in place of values over 32 KiB. */
export interface BlobRef {
  /** `sha256:<hex>` of the bytes. */
  readonly hash: string;
  readonly bytes: number;
  readonly media_type: string;
}

/** A value with its history: exactly one of `value` and `blob` is present. `blob` holds the canonical JSON of the value. */
export interface LabelledValue {
  readonly value?: unknown;
  readonly blob?: BlobRef;
  readonly labels: readonly Label[];
  /** Where it came from: `task:<task_id>`, `person:<id>`, `params`, `agent:<id>`. */
  readonly source: string;
}

const NONE: readonly Label[] = [];
const UNTRUSTED: readonly Label[] = ["untrusted"];
const CONFIDENTIAL: readonly Label[] = ["confidential"];

/** Union of label sets, sorted, without repeats. There are only four: each is one shared list. */
export function joinLabels(...sets: readonly (readonly Label[])[]): readonly Label[] {
  let isUntrusted = false;
  let isConfidential = false;
  for (const set of sets) {
    if (set.length === 0) continue;
    isUntrusted ||= set.includes("untrusted");
    isConfidential ||= set.includes("confidential");
  }
  if (isUntrusted) return isConfidential ? LABELS : UNTRUSTED;
  return isConfidential ? CONFIDENTIAL : NONE;
}
