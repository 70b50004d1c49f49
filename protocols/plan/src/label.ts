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

/** Union of label sets, sorted, without repeats. */
export function joinLabels(...sets: readonly (readonly Label[])[]): readonly Label[] {
  return LABELS.filter((label) => sets.some((set) => set.includes(label)));
}
