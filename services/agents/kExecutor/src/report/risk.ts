// One thing that deserves a look.

export const SEVERITIES = ["high", "medium", "low"] as const;

export interface Risk {
  readonly id: string;
  readonly severity: (typeof SEVERITIES)[number];
  /** One sentence in plain words. */
  readonly text: string;
  /** The files it is about, at most 20. */
  readonly paths: readonly string[];
}
