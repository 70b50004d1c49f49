// What was wrong with single rows of a source: counted in full, named up to a bound. Such rows never end the reading.

const MOST_LISTED = 100;

export type FaultKind = "short_row" | "long_row" | "bad_quotes" | "too_long" | "bad_json" | "not_an_object";

export interface Fault {
  readonly kind: FaultKind;
  /** `line 12`, `item 3`. */
  readonly where: string;
  readonly reason: string;
  /** Whether the row is in the numbers all the same. */
  readonly kept: boolean;
}

export interface Faults {
  readonly listed: readonly Fault[];
  readonly counts: Readonly<Partial<Record<FaultKind, number>>>;
  /** `describe` is called only for a fault that is listed. */
  add(kind: FaultKind, kept: boolean, describe: () => { readonly where: string; readonly reason: string }): void;
}

export function collectFaults(): Faults {
  const listed: Fault[] = [];
  const counts: Partial<Record<FaultKind, number>> = {};
  return {
    listed,
    counts,
    add(kind, kept, describe) {
      counts[kind] = (counts[kind] ?? 0) + 1;
      if (listed.length < MOST_LISTED) listed.push({ kind, kept, ...describe() });
    },
  };
}
