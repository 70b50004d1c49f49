// Numbers and values of a data set as people read them.

import { numberFormat } from "../../render/number-format.ts";

const plainText = numberFormat({ maximumSignificantDigits: 6 });
const wholeText = numberFormat({ maximumFractionDigits: 0 });

/** Six significant digits; whole numbers in full up to 15 digits. Very large and very small ones in powers of ten. */
export function numberText(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return wholeText(value);
  const size = Math.abs(value);
  return size >= 1e15 || size < 1e-4 ? value.toExponential(3) : plainText(value);
}

/** A bound of a column: numbers as above, texts cut. */
export function boundText(value: number | string | boolean | null): string {
  if (typeof value === "number") return numberText(value);
  if (value === null) return "–";
  const text = String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

const compactText = numberFormat({ notation: "compact", maximumSignificantDigits: 4 });

/** As short as the foot of a column needs it: `12.5K`. */
export function shortText(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e15) ? value.toExponential(1) : compactText(value);
}

const DAY_MS = 86_400_000;

/** A moment in time as precise as a span of that length needs it. */
export function timeText(epochMs: number, spanMs: number): string {
  if (!Number.isFinite(epochMs) || Math.abs(epochMs) > 8.64e15) return "–";
  const [day = "", time = ""] = new Date(epochMs).toISOString().split("T");
  if (spanMs > 1500 * DAY_MS) return day.slice(0, -3);
  return spanMs > 5 * DAY_MS ? day : `${day.slice(-5)} ${time.slice(0, 5)}`;
}
