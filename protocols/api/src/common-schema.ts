// Schemas that every service's answers share: times, pages and problems.

import Type, { type Static, type TSchema } from "typebox";

/** RFC 3339 UTC with a `Z`. */
export const Timestamp = Type.String({ format: "date-time" });

/** An error as it stands inside answers and frames. */
export const Problem = Type.Object({
  code: Type.String(),
  message: Type.String(),
  details: Type.Optional(Type.Unknown()),
  retryable: Type.Boolean(),
  task_id: Type.Optional(Type.String()),
  plan_id: Type.Optional(Type.String()),
  trace_id: Type.Optional(Type.String()),
});
export type ProblemDocument = Static<typeof Problem>;

/** A page of a list; `next_cursor` is null on the last one. */
export function Page<Item extends TSchema>(item: Item) {
  return Type.Object({ items: Type.Array(item), next_cursor: Type.Union([Type.String(), Type.Null()]) });
}

export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
};
