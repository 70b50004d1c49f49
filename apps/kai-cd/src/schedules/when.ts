// When a run is to begin, as a form holds it, and as the node takes it.

import type { ScheduleRequest } from "@kos/api";

export const WHEN_KINDS = ["now", "once", "again"] as const;
export type WhenKind = (typeof WHEN_KINDS)[number];

export interface When {
  readonly kind: WhenKind;
  /** Local date and time of the zone, as a date control writes it: `2027-03-01T09:00`. */
  readonly at: string;
  readonly every: string;
  readonly zone: string;
  readonly missed: NonNullable<ScheduleRequest["missed"]>;
  readonly overlap: NonNullable<ScheduleRequest["overlap"]>;
}

type Time = Pick<ScheduleRequest, "at" | "every" | "zone">;

/** Rhythms that most people want, by what they call them. */
export const RHYTHMS: readonly (readonly [every: string, name: string])[] = [
  ["15m", "every 15 minutes"],
  ["1h", "every hour"],
  ["0 9 * * *", "every day at 9"],
  ["0 9 * * 1-5", "on weekdays at 9"],
  ["0 9 * * 1", "on Mondays at 9"],
];

export function startNow(zone: string): When {
  return { kind: "now", at: "", every: "", zone, missed: "once", overlap: "skip" };
}

/** What the node is asked about; undefined while nothing has been said. */
export function timeOf({ kind, at, every, zone }: When): Time | undefined {
  const named = zone.trim() === "" ? {} : { zone: zone.trim() };
  if (kind === "once") return at === "" ? undefined : { at, ...named };
  if (kind === "again") return every.trim() === "" ? undefined : { every: every.trim(), ...named };
  return undefined;
}

/** Errors are for the node to find; this only says what is missing. */
export function missingTime(when: When): string | undefined {
  if (when.kind === "now" || timeOf(when) !== undefined) return undefined;
  return when.kind === "once" ? "Say when it is to run." : "Say how often it is to run.";
}
