// The streaming statistics against SQL over the same numbers, and against what is known of them.

import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seeded } from "../../testing/data-set.fixture.ts";
import { correlations } from "./correlations.ts";
import { distinctCounter } from "./distinct-counter.ts";
import { countOutside, fencesOf, histogramOf, numberClasses, quantilesOf, timeClasses } from "./distribution.ts";
import { extremes } from "./extremes.ts";
import { keyedHash } from "./keyed-hash.ts";
import { memoryBudget } from "./memory-budget.ts";
import { moments } from "./moments.ts";
import { isBefore } from "./text-facts.ts";
import { valueSample } from "./value-sample.ts";

const ROOMY = 100_000_000;

function sql<Row>(numbers: readonly number[], select: string): Row {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE t (v REAL)");
  const insert = database.prepare("INSERT INTO t VALUES (?)");
  database.exec("BEGIN");
  for (const number of numbers) insert.run(number);
  database.exec("COMMIT");
  return database.prepare("SELECT WHAT FROM t".replace("WHAT", select)).get() as Row;
}

const NUMBERS = fc.array(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((number) => number + 0),
  { minLength: 2, maxLength: 60 },
);

describe("moments", () => {
  test("give count, sum and mean as SQL does, and the deviation of two passes", () => {
    fc.assert(
      fc.property(NUMBERS, (numbers) => {
        const own = moments();
        for (const number of numbers) own.add(number, 1);
        const { n, s, a } = sql<{ n: number; s: number; a: number }>(numbers, "count(*) AS n, sum(v) AS s, avg(v) AS a");
        expect(own.count).toBe(n);
        expect(own.sum).toBeCloseTo(s, 6);
        expect(own.mean).toBeCloseTo(a, 6);
        const squares = numbers.reduce((sum, number) => sum + (number - a) ** 2, 0);
        expect(own.deviation).toBeCloseTo(Math.sqrt(squares / (n - 1)), 5);
      }),
      { numRuns: 60 },
    );
  });

  test("keep the deviation of large numbers that differ little, and take weights for repetitions", () => {
    const own = moments();
    for (const number of [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]) own.add(number, 1);
    expect(own.deviation).toBeCloseTo(Math.sqrt(30), 9);
    const [weighted, repeated] = [moments(), moments()];
    weighted.add(2, 3);
    weighted.add(5, 2);
    for (const number of [2, 2, 2, 5, 5]) repeated.add(number, 1);
    expect([weighted.count, weighted.sum]).toEqual([repeated.count, repeated.sum]);
    expect(weighted.deviation).toBeCloseTo(repeated.deviation, 12);
  });
});

describe("distribution", () => {
  test("quantiles are those of SQLite's percentile, with weights or without", () => {
    fc.assert(
      fc.property(NUMBERS, (numbers) => {
        const values = Float64Array.from(numbers).sort();
        const shares = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
        const found = quantilesOf({ values, count: values.length, exact: true }, shares);
        const truth = sql<Record<string, number>>(
          numbers,
          shares.map((share, index) => `percentile(v, ${share * 100}) AS q${index}`).join(", "),
        );
        for (const [index, quantile] of found.entries()) expect(quantile).toBeCloseTo(truth[`q${index}`] ?? Number.NaN, 6);
        const counts = new Map<number, number>();
        for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
        const weighted = {
          values: Float64Array.from(counts.keys()),
          weights: Float64Array.from(counts.values()),
          count: values.length,
          exact: true,
        };
        expect(quantilesOf(weighted, shares)).toEqual(found);
      }),
      { numRuns: 60 },
    );
  });

  test("every number is in the one class that SQL finds it in", () => {
    fc.assert(
      fc.property(NUMBERS, fc.boolean(), (given, whole) => {
        const numbers = whole ? given.map(Math.round) : given;
        const values = Float64Array.from(numbers).sort();
        const bins = histogramOf({ values, count: values.length, exact: true }, (least, greatest) => numberClasses(least, greatest, whole));
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(numbers.length);
        if (bins.length === 1) return;
        expect(bins.length).toBeLessThanOrEqual(12);
        for (const { from, to, count } of bins)
          expect(sql<{ n: number }>(numbers, `count(*) FILTER (WHERE v >= ${from} AND v < ${to}) AS n`).n).toBe(count);
      }),
      { numRuns: 60 },
    );
  });

  test("outliers are counted beyond Tukey's fences", () => {
    const values = Float64Array.from([1, 2, 2, 3, 3, 3, 4, 4, 5, 50]);
    const [q1 = 0, q3 = 0] = quantilesOf({ values, count: 10, exact: true }, [0.25, 0.75]);
    expect(fencesOf(q1, q3)).toEqual({ low: -0.375, high: 6.625 });
    expect(countOutside({ values, count: 10, exact: true }, fencesOf(q1, q3))).toBe(1);
  });

  test("numbers next to each other in the doubles make one class, and times whole days", () => {
    const close = Float64Array.from([1e16, 1e16 + 2]);
    expect(histogramOf({ values: close, count: 2, exact: true }, (one, two) => numberClasses(one, two, true))).toEqual([
      { from: 1e16, to: 1e16 + 2, count: 2 },
    ]);
    const days = Float64Array.from([Date.UTC(2024, 0, 1, 7), Date.UTC(2024, 2, 1)]);
    const bins = histogramOf({ values: days, count: 2, exact: true }, timeClasses);
    expect(bins.every(({ from }) => from % 86_400_000 === 0)).toBe(true);
  });
});

describe("distinct counter", () => {
  const hash = keyedHash(1, 2);
  function count(texts: Iterable<string>, bytes: number) {
    const counter = distinctCounter(memoryBudget(bytes));
    for (const text of texts) {
      hash.text(text);
      counter.add(hash.high, hash.low);
    }
    return { count: counter.count, exact: counter.exact };
  }
  const texts = (length: number) => Array.from({ length }, (_, index) => `value ${index}`);

  test("is exact as long as there is memory", () => {
    expect(count([...texts(200_000), ...texts(1000)], ROOMY)).toEqual({ count: 200_000, exact: true });
  });

  test("estimates within three standard errors without", () => {
    for (const length of [3000, 20_000, 200_000]) {
      const found = count([...texts(length), ...texts(length)], 20_000);
      expect(found.exact).toBe(false);
      expect(Math.abs(found.count - length) / length).toBeLessThan(0.0244);
    }
  });

  test("gives its memory back", () => {
    const budget = memoryBudget(1_000_000);
    const counter = distinctCounter(budget);
    for (let index = 0; index < 50_000; index += 1) counter.add(index, index * 7 + 1);
    counter.close();
    expect(budget.take(1_000_000)).toBe(true);
  });
});

describe("keyed hash", () => {
  test("tells texts apart that differ in length, order or one bit, and depends on its key", () => {
    const hashOf = (text: string, key = 1) => {
      const hash = keyedHash(key, 9);
      hash.text(text);
      return `${hash.high} ${hash.low}`;
    };
    const all = ["", "\0", "\0\0", "a", "a\0", "ab", "ba", "abc", "abd", "\u0101", "\u0001\u0001"];
    expect(new Set(all.map((text) => hashOf(text))).size).toBe(all.length);
    expect(hashOf("abc", 1)).not.toBe(hashOf("abc", 2));
    expect(hashOf("abc")).toBe(hashOf("abc"));
  });

  test("flips half of its bits when one bit of the text changes", () => {
    const [one, other] = [keyedHash(3, 4), keyedHash(3, 4)];
    let flipped = 0;
    for (let index = 0; index < 2000; index += 1) {
      one.text(`row ${index}`);
      other.text(`row ${index}`.replace("r", "s"));
      for (let bits = (one.high ^ other.high) >>> 0; bits !== 0; bits &= bits - 1) flipped += 1;
      for (let bits = (one.low ^ other.low) >>> 0; bits !== 0; bits &= bits - 1) flipped += 1;
    }
    expect(flipped / 2000).toBeGreaterThan(31);
    expect(flipped / 2000).toBeLessThan(33);
  });
});

describe("value sample", () => {
  test("keeps everything while it can, then a sample whose quantiles are near", () => {
    const random = seeded(7);
    const [all, some] = [valueSample(memoryBudget(ROOMY)), valueSample(memoryBudget(600_000))];
    for (let index = 0; index < 300_000; index += 1) {
      const value = random() ** 2 * 1000;
      all.add(value, 1);
      some.add(value, 1);
    }
    expect([all.exact, some.exact, some.count]).toEqual([true, false, 300_000]);
    const [whole, part] = [all.sorted(), some.sorted()];
    expect(part.length).toBeLessThanOrEqual(65_536);
    for (const share of [0.1, 0.5, 0.9]) {
      const [exact = 0] = quantilesOf({ values: whole, count: 1, exact: true }, [share]);
      const [near = 0] = quantilesOf({ values: part, count: 1, exact: false }, [share]);
      expect(Math.abs(near - exact)).toBeLessThan(15);
    }
  });
});

describe("extremes", () => {
  test("are the smallest and largest, each once, with the first row", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 80 }), (numbers) => {
        const own = extremes(3);
        for (const [index, number] of numbers.entries()) own.add(number, index + 1);
        const rising = [...new Set(numbers)].sort((one, other) => one - other);
        expect(own.smallest.map(({ value }) => value)).toEqual(rising.slice(0, 3));
        expect(own.largest.map(({ value }) => value)).toEqual(rising.toReversed().slice(0, 3));
      }),
    );
  });
});

describe("correlations", () => {
  test("are Pearson's over the rows in which both columns have numbers", () => {
    const cell = fc.oneof(
      fc.integer({ min: -100_000, max: 100_000 }).map((cents) => cents / 100),
      fc.constant(Number.NaN),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 5, maxLength: 40 }), (rows) => {
        const own = correlations();
        for (const row of rows) own.add(Float64Array.from(row), 3);
        for (const { columns, r, rows: count } of own.summary(["0", "1", "2"], () => true).pairs) {
          const [one, two] = columns.map(Number);
          const pairs = rows
            .map((row) => [row[one ?? 0] ?? 0, row[two ?? 0] ?? 0] as const)
            .filter(([x, y]) => !Number.isNaN(x) && !Number.isNaN(y));
          expect(count).toBe(pairs.length);
          const mean = (side: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[side], 0) / pairs.length;
          const [mx, my] = [mean(0), mean(1)];
          const products = (of: (x: number, y: number) => number) => pairs.reduce((sum, [x, y]) => sum + of(x - mx, y - my), 0);
          expect(r).toBeCloseTo(products((x, y) => x * y) / Math.sqrt(products((x) => x * x) * products((_, y) => y * y)), 5);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("isBefore", () => {
  test("orders texts as SQLite's BINARY does", () => {
    const database = new DatabaseSync(":memory:");
    const text = fc.string({ unit: fc.constantFrom("a", "b", "\u00e9", "\ufffd", "\uffff", "\u{10000}", "\u{1f600}") });
    const compare = database.prepare("SELECT ? < ? AS less");
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(isBefore(one, other)).toBe((compare.get(one, other) as { less: number }).less === 1);
      }),
    );
    expect(isBefore("\uffff", "\u{10000}")).toBe(true);
  });
});
