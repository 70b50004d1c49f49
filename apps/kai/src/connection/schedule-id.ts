// Which schedule a person means by a part of its id.

import { uniqueId } from "./plan-id.ts";
import { eachItem, type Session } from "./session.ts";

export const SCHEDULE = { name: "schedule", about: "a schedule's id, or a unique end or beginning of it" } as const;

/** Errors: NOT_FOUND, BAD_REQUEST (not an id, or several fit). */
export async function resolveScheduleId(session: Session, typed: string): Promise<string> {
  const all = eachItem(session.client, "schedules", { query: { all: true } });
  return uniqueId(typed, "schedule", all, ({ schedule_id: id }) => id, "kai schedules list");
}
