// Ids as people type them: whole, or a unique beginning or end (the end is what kai prints).

import { KosError } from "@kos/klp";
import { eachItem, type Session } from "./session.ts";

const WHOLE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const PART = /^[0-9a-f-]{4,36}$/i;
const MAX_LOOKED_AT = 5000;

/** The plan's whole id; `last` is the newest one. Errors: NOT_FOUND, BAD_REQUEST (not an id, or several fit). */
export async function resolvePlanId(session: Session, typed: string): Promise<string> {
  if (typed === "last") return newestPlan(session);
  return uniqueId(typed, "plan", eachItem(session.client, "plans", {}), ({ plan_id }) => plan_id, "kai ps");
}

/** The approval's whole id. Errors: as `resolvePlanId`. */
export async function resolveApprovalId(session: Session, typed: string): Promise<string> {
  return uniqueId(typed, "approval", eachItem(session.client, "approvals", {}), ({ approval_id }) => approval_id, "kai approve");
}

async function newestPlan(session: Session): Promise<string> {
  const { items } = await session.client.call("plans", { query: { limit: 1 } });
  const [newest] = items;
  if (newest === undefined) throw new KosError("NOT_FOUND", "There is no plan yet. Start one with `kai run`.");
  return newest.plan_id;
}

/** A whole id is taken as it is, without a look at the items. Errors: NOT_FOUND, BAD_REQUEST (not an id, or several fit). */
export async function uniqueId<Item>(
  typed: string,
  noun: string,
  items: AsyncIterable<Item> | Iterable<Item>,
  idOf: (item: Item) => string,
  listing: string,
): Promise<string> {
  if (WHOLE.test(typed)) return typed.toLowerCase();
  if (!PART.test(typed)) {
    throw new KosError(
      "BAD_REQUEST",
      `"${typed.slice(0, 60)}" is no ${noun} id. \`${listing}\` shows them; the last 8 characters are enough.`,
    );
  }
  const part = typed.toLowerCase();
  const found = new Set<string>();
  let looked = 0;
  for await (const item of items) {
    const id = idOf(item);
    if (id.startsWith(part) || id.endsWith(part)) found.add(id);
    looked += 1;
    if (looked >= MAX_LOOKED_AT) break;
  }
  const [first, second] = found;
  if (first === undefined)
    throw new KosError("NOT_FOUND", `No ${noun} has an id that begins or ends with ${typed}. \`${listing}\` shows them.`);
  if (second !== undefined) {
    throw new KosError("BAD_REQUEST", `Several ${noun}s fit ${typed}: ${[...found].slice(0, 4).join(", ")}. Give more of the id.`);
  }
  return first;
}
