// The dates of a column: the first and the last as they are spelled, all of them in milliseconds, and whether day or month stands first.

import { owned } from "./cell-value.ts";
import { type DayOrder, dayFirstMs, dayOrder } from "./date-text.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { type ValueSample, valueSample } from "./value-sample.ts";

export interface DateValues {
  add(text: string, epochMs: number, weight: number): void;
  /** Undefined without dates. */
  summary(): DateSummary | undefined;
  close(): void;
}

export interface DateSummary {
  readonly min: string;
  readonly max: string;
  readonly sample: ValueSample;
  /** Only where slashes or dashes leave it open: `either` means that all values allow both, and the month was taken to come first. */
  readonly order?: DayOrder | "both";
}

interface Span {
  readonly sample: ValueSample;
  add(text: string, epochMs: number, weight: number): void;
  readonly min: string;
  readonly max: string;
}

export function dateValues(budget: MemoryBudget): DateValues {
  let usual: Span | undefined;
  let dayFirst: Span | undefined;
  let known = 0;
  const orders: Record<DayOrder, number> = { day_first: 0, month_first: 0, either: 0 };
  return {
    add(text, epochMs, weight) {
      usual ??= span(budget);
      usual.add(text, epochMs, weight);
      const order = dayOrder(text);
      if (order === undefined) return;
      known += weight;
      orders[order] += weight;
      if (order === "month_first") return;
      dayFirst ??= span(budget);
      dayFirst.add(text, order === "either" ? dayFirstMs(text) : epochMs, weight);
    },
    summary() {
      if (usual === undefined) return undefined;
      if (known === 0) return usual;
      const order =
        orders.day_first > 0 && orders.month_first > 0
          ? "both"
          : orders.day_first > 0
            ? "day_first"
            : orders.month_first > 0
              ? "month_first"
              : "either";
      const chosen = order === "day_first" && dayFirst !== undefined && dayFirst.sample.count === usual.sample.count ? dayFirst : usual;
      return { min: chosen.min, max: chosen.max, sample: chosen.sample, order };
    },
    close() {
      usual?.sample.close();
      dayFirst?.sample.close();
    },
  };
}

function span(budget: MemoryBudget): Span {
  const sample = valueSample(budget);
  let [min, max, minMs, maxMs] = ["", "", Infinity, -Infinity];
  return {
    sample,
    add(text, epochMs, weight) {
      sample.add(epochMs, weight);
      if (epochMs < minMs) [min, minMs] = [owned(text), epochMs];
      if (epochMs > maxMs) [max, maxMs] = [owned(text), epochMs];
    },
    get min() {
      return min;
    },
    get max() {
      return max;
    },
  };
}
