// Pearson's correlation of pairs of numeric columns in one pass over the rows. Sums of products are kept around running means (Welford, 1962; pairs as in
// Bennett and others, 2009), rows with everything present together, the others pair by pair; the two are joined at the end (Chan and others, 1979).

import type { Correlation } from "./profile-shape.ts";

export interface Correlations {
  /** The row's number in each column, NaN where there is none. The array may be used again by the caller. */
  add(numbers: Float64Array, width: number): void;
  /** Pairs of at least three rows, the strongest first. `isNumeric` says what the columns came to be. */
  summary(
    names: readonly string[],
    isNumeric: (column: number) => boolean,
  ): { readonly among: readonly string[]; readonly pairs: readonly Correlation[] };
}

/** Rows that are looked at before the columns are chosen. */
const FIRST_ROWS = 1000;
const MOST_COLUMNS = 16;
const MOST_PAIRS = 50;
const LEAST_ROWS = 3;

interface PairSums {
  count: number;
  meanOne: number;
  meanTwo: number;
  squaresOne: number;
  squaresTwo: number;
  products: number;
}

export function correlations(): Correlations {
  let first: Float64Array[] | undefined = [];
  let chosen: readonly number[] = [];
  let whole: WholeRows | undefined;
  const parts = new Map<number, PairSums>();

  function choose(): void {
    const rows = first ?? [];
    first = undefined;
    const width = Math.max(0, ...rows.map(({ length }) => length));
    const found = Array.from({ length: width }, (_, column) => column).filter((column) =>
      rows.some((row) => !Number.isNaN(row[column] ?? Number.NaN)),
    );
    chosen = found.slice(0, MOST_COLUMNS);
    whole = wholeRows(chosen.length);
    for (const row of rows) addRow(row);
  }

  function addRow(row: Float64Array): void {
    const numbers = chosen.map((column) => row[column] ?? Number.NaN);
    if (!numbers.some(Number.isNaN)) {
      whole?.add(numbers);
      return;
    }
    for (const [one, x] of numbers.entries()) {
      if (Number.isNaN(x)) continue;
      for (let two = one + 1; two < numbers.length; two += 1) {
        const y = numbers[two] ?? Number.NaN;
        if (!Number.isNaN(y)) addPair(pairAt(parts, one * MOST_COLUMNS + two), x, y);
      }
    }
  }

  return {
    add(numbers, width) {
      if (first === undefined) {
        if (chosen.length > 1) addRow(numbers);
        return;
      }
      first.push(numbers.slice(0, width));
      if (first.length >= FIRST_ROWS) choose();
    },
    summary(names, isNumeric) {
      if (first !== undefined) choose();
      const pairs: Correlation[] = [];
      for (const [one, columnOne] of chosen.entries()) {
        for (let two = one + 1; two < chosen.length; two += 1) {
          const columnTwo = chosen[two] ?? 0;
          if (!isNumeric(columnOne) || !isNumeric(columnTwo)) continue;
          const { count, squaresOne, squaresTwo, products } = joined(
            whole?.pair(one, two) ?? noPair(),
            pairAt(parts, one * MOST_COLUMNS + two),
          );
          const r = products / Math.sqrt(squaresOne * squaresTwo);
          if (count < LEAST_ROWS || !Number.isFinite(r)) continue;
          pairs.push({ columns: [names[columnOne] ?? "", names[columnTwo] ?? ""], r: Math.max(-1, Math.min(1, r)), rows: count });
        }
      }
      pairs.sort((left, right) => Math.abs(right.r) - Math.abs(left.r));
      return { among: chosen.filter(isNumeric).map((column) => names[column] ?? ""), pairs: pairs.slice(0, MOST_PAIRS) };
    },
  };
}

interface WholeRows {
  add(numbers: readonly number[]): void;
  pair(one: number, two: number): PairSums;
}

function wholeRows(width: number): WholeRows {
  const means = new Float64Array(width);
  const before = new Float64Array(width);
  const products = new Float64Array(width * width);
  let count = 0;
  return {
    add(numbers) {
      count += 1;
      for (let column = 0; column < width; column += 1) {
        const distance = (numbers[column] ?? 0) - (means[column] ?? 0);
        before[column] = distance;
        means[column] = (means[column] ?? 0) + distance / count;
      }
      for (let one = 0; one < width; one += 1) {
        const distance = before[one] ?? 0;
        for (let two = one; two < width; two += 1) {
          const place = one * width + two;
          products[place] = (products[place] ?? 0) + distance * ((numbers[two] ?? 0) - (means[two] ?? 0));
        }
      }
    },
    pair: (one, two) => ({
      count,
      meanOne: means[one] ?? 0,
      meanTwo: means[two] ?? 0,
      squaresOne: products[one * width + one] ?? 0,
      squaresTwo: products[two * width + two] ?? 0,
      products: products[one * width + two] ?? 0,
    }),
  };
}

function pairAt(pairs: Map<number, PairSums>, place: number): PairSums {
  let pair = pairs.get(place);
  if (pair === undefined) {
    pair = noPair();
    pairs.set(place, pair);
  }
  return pair;
}

function noPair(): PairSums {
  return { count: 0, meanOne: 0, meanTwo: 0, squaresOne: 0, squaresTwo: 0, products: 0 };
}

function addPair(pair: PairSums, x: number, y: number): void {
  pair.count += 1;
  const [dx, dy] = [x - pair.meanOne, y - pair.meanTwo];
  pair.meanOne += dx / pair.count;
  pair.meanTwo += dy / pair.count;
  pair.squaresOne += dx * (x - pair.meanOne);
  pair.squaresTwo += dy * (y - pair.meanTwo);
  pair.products += dx * (y - pair.meanTwo);
}

function joined(one: PairSums, other: PairSums): PairSums {
  const count = one.count + other.count;
  if (one.count === 0 || other.count === 0) return one.count === 0 ? other : one;
  const [dx, dy] = [other.meanOne - one.meanOne, other.meanTwo - one.meanTwo];
  const share = (one.count * other.count) / count;
  return {
    count,
    meanOne: one.meanOne + (dx * other.count) / count,
    meanTwo: one.meanTwo + (dy * other.count) / count,
    squaresOne: one.squaresOne + other.squaresOne + dx * dx * share,
    squaresTwo: one.squaresTwo + other.squaresTwo + dy * dy * share,
    products: one.products + other.products + dx * dy * share,
  };
}
