// The profile of one column, cell by cell in one pass. What it holds is bounded, whatever the column holds.

import type { Cell } from "../read/cell.ts";
import { cellKey, owned, tellValue } from "./cell-value.ts";
import { type ColumnCounts, type ColumnSummary, summariseColumn } from "./column-summary.ts";
import { dateValues } from "./date-values.ts";
import { distinctValues } from "./distinct-values.ts";
import { extremes } from "./extremes.ts";
import type { KeyedHash } from "./keyed-hash.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import type { MissingTokens } from "./missing-tokens.ts";
import { moments } from "./moments.ts";
import { type Seen, type SeenKey, seenValues } from "./seen-values.ts";
import { KIND } from "./spelled-value.ts";
import { textFacts } from "./text-facts.ts";
import { valueSample } from "./value-sample.ts";

export interface ColumnProfile {
  /** `row`: data rows from 1. What it gives is valid until the next call. */
  add(cell: Cell, row: number): Seen;
  /** Once, at the end. `rows`: of the whole table; a column that came later was missing before. */
  summary(rows: number): ColumnSummary;
}

export interface ColumnOptions {
  readonly spelled: boolean;
  /** What counts as missing besides nothing, without white space around it. */
  readonly missing: MissingTokens;
  readonly budget: MemoryBudget;
  readonly hash: KeyedHash;
  readonly topValues: number;
}

const EXAMPLES = 5;
/** Of longer texts that much decides about their order. */
const MOST_ORDERED_CHARS = 1000;

export function columnProfile(options: ColumnOptions): ColumnProfile {
  const { spelled, missing, budget, hash } = options;
  const counts: ColumnCounts = {
    kinds: new Float64Array(9),
    infinite: 0,
    trues: 0,
    zeros: 0,
    negatives: 0,
    padded: 0,
    large: 0,
    held: false,
    numbers: moments(),
    sample: valueSample(budget),
    extremes: extremes(EXAMPLES),
    dates: dateValues(budget),
    distinct: distinctValues(spelled, budget, hash),
    texts: textFacts(),
  };

  function fold(seen: Seen, weight: number): void {
    const { kind, number, text } = seen;
    counts.kinds[kind] = (counts.kinds[kind] ?? 0) + weight;
    if (kind === KIND.missing) return;
    counts.distinct.add(seen, weight);
    if (spelled || kind === KIND.text)
      counts.texts.add(text, text.length > MOST_ORDERED_CHARS ? text.slice(0, MOST_ORDERED_CHARS) : text, weight);
    if (kind === KIND.integer || kind === KIND.number) foldNumber(counts, seen, weight);
    else if (kind === KIND.date || kind === KIND.datetime) counts.dates.add(text, number, weight);
    else if (kind === KIND.boolean) counts.trues += number * weight;
  }

  const seenBefore = seenValues(fold);

  const fresh: Seen = { kind: KIND.missing, number: Number.NaN, text: "", high: 1, low: 1, row: 0, count: 1, pending: 1 };

  function look(cell: Cell, row: number): void {
    tellValue(cell, spelled, missing, fresh);
    fresh.row = row;
    if (fresh.kind === KIND.missing) {
      fresh.high = 1;
      fresh.low = 1;
      return;
    }
    hash.text(fresh.text);
    // A number is not the text that looks like it.
    fresh.high = spelled || fresh.kind === KIND.text ? hash.high : (hash.high ^ fresh.kind) >>> 0;
    fresh.low = hash.low;
  }

  const heldSeen = (): Seen => ({ ...fresh, text: owned(fresh.text) });

  return {
    add(cell, row) {
      const key = cellKey(cell);
      const before = key === undefined || !seenBefore.gathers ? undefined : seenBefore.again(key);
      if (before !== undefined) return before;
      look(cell, row);
      if (key === undefined) fold(fresh, 1);
      else if (seenBefore.gathers) seenBefore.put(heldKey(key), heldSeen());
      else {
        fold(fresh, 1);
        seenBefore.sample(key, heldSeen);
      }
      return fresh;
    },
    summary(rows) {
      // Nothing was pruned: the values held are all there are, and no sample of them is needed.
      counts.held = seenBefore.exact;
      seenBefore.flush();
      return summariseColumn(counts, seenBefore, { rows, spelled, topValues: options.topValues });
    },
  };
}

function heldKey(key: SeenKey): SeenKey {
  return typeof key === "string" ? owned(key) : key;
}

function foldNumber(counts: ColumnCounts, { number, text, kind, row }: Seen, weight: number): void {
  if (!Number.isFinite(number)) {
    counts.infinite += weight;
    return;
  }
  counts.numbers.add(number, weight);
  if (!counts.held) counts.sample.add(number, weight);
  counts.extremes.add(number, row);
  if (number === 0) counts.zeros += weight;
  if (number < 0) counts.negatives += weight;
  if (kind !== KIND.integer) return;
  if (!Number.isSafeInteger(number)) counts.large += weight;
  if (/^\s*[+-]?0\d/.test(text)) counts.padded += weight;
}
