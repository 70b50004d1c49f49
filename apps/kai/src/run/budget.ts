// `--budget time=10m,attempts=50,calls=20`: the limits of a run as people write them.

import type { Budget } from "@kos/plan";
import { didYouMean, usageError } from "../usage.ts";

const NAMES = ["time", "attempts", "calls", "units"] as const;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Errors: BAD_REQUEST. */
export function parseBudget(text: string): Budget {
  const budget: Budget = {};
  for (const part of text.split(",")) {
    const [name = "", value = ""] = part.split("=", 2).map((each) => each.trim());
    switch (name) {
      case "time":
        budget.time_ms = durationMs(value);
        break;
      case "attempts":
      case "calls":
      case "units":
        budget[name] = whole(name, value);
        break;
      default:
        throw usageError(`--budget has no limit "${name}".`, {
          hint: `${didYouMean(name, NAMES)} For example: --budget time=10m,calls=20`,
        });
    }
  }
  return budget;
}

/** `90s`, `10m`, `2h`, `500ms`; a bare number is seconds. Errors: BAD_REQUEST. */
export function durationMs(text: string): number {
  const [, digits, unit = "s"] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.toLowerCase()) ?? [];
  const factor = UNIT_MS[unit === "" ? "s" : unit];
  const ms = digits === undefined || factor === undefined ? Number.NaN : Math.round(Number(digits) * factor);
  if (!(ms >= 1)) throw usageError(`"${text}" is no time.`, { hint: "Write 90s, 10m or 2h." });
  return ms;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || text === "")
    throw usageError(`--budget ${name} takes a whole number from 1, not "${text}".`);
  return value;
}
