// The few smallest and largest numbers of a column with the row where each is first seen.

export interface Extreme {
  readonly value: number;
  /** Data rows from 1. */
  readonly row: number;
}

export interface Extremes {
  add(value: number, row: number): void;
  /** The smallest first. */
  readonly smallest: readonly Extreme[];
  /** The largest first. */
  readonly largest: readonly Extreme[];
}

export function extremes(most: number): Extremes {
  const smallest: Extreme[] = [];
  const largest: Extreme[] = [];
  return {
    smallest,
    largest,
    add(value, row) {
      if (smallest.length < most || value < (smallest.at(-1)?.value ?? Infinity)) put(smallest, { value, row }, most, -1);
      if (largest.length < most || value > (largest.at(-1)?.value ?? -Infinity)) put(largest, { value, row }, most, 1);
    },
  };
}

/** Into its place, without repeating a value. */
function put(list: Extreme[], entry: Extreme, most: number, direction: number): void {
  let place = list.length;
  while (place > 0 && ((list[place - 1]?.value ?? 0) - entry.value) * direction < 0) place -= 1;
  if (list[place - 1]?.value === entry.value) return;
  list.splice(place, 0, entry);
  if (list.length > most) list.pop();
}
