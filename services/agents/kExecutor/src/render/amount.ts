// Numbers for people: counts with separators, sizes in decimal units, shares in percent.

import { numberFormat } from "./number-format.ts";

export const formatCount = numberFormat({ maximumFractionDigits: 2 });

const SIZE_UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** `1,234 bytes` up to a thousand, then `1.2 kB`, `34 MB`. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < SIZE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return bytes === 1 ? "1 byte" : `${formatCount(bytes)} bytes`;
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${SIZE_UNITS[unit]}`;
}

/** `12 %`; what is not nothing is never shown as 0 %, nor what is not all as 100 %. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 1) return "< 1 %";
  if (percent < 100 && percent > 99) return "> 99 %";
  return `${percent.toFixed(0)} %`;
}

/** `1 file`, `2 files`. */
export function formatThings(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
