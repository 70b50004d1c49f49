// One thing that the doctor looks at, and what it found.

export interface Finding {
  readonly check: string;
  /** `note`: works, but somebody should know. */
  readonly state: "good" | "note" | "bad";
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
}

export function good(check: string, detail: string): Finding {
  return { check, state: "good", detail };
}

export function note(check: string, detail: string, advice?: string): Finding {
  return { check, state: "note", detail, ...(advice !== undefined && { advice }) };
}

export function bad(check: string, detail: string, advice: string): Finding {
  return { check, state: "bad", detail, advice };
}
