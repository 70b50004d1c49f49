// Answers about what is kept and what goes.

import Type, { type Static } from "typebox";
import { Problem, Timestamp } from "./common-schema.ts";

const RetentionReportSchema = Type.Object({
  started_at: Timestamp,
  ended_at: Type.Optional(Timestamp),
  /** Plans that were written into the archive, verified, and removed. */
  plans: Type.Integer(),
  archive_bytes: Type.Integer(),
  artifacts: Type.Integer(),
  blobs: Type.Integer(),
  /** Records and histories that had aged. */
  records: Type.Integer(),
  /** Events removed from the beginning of the log, behind a signed checkpoint. */
  events_cut: Type.Integer(),
  /** Evidence files that were older than the archive keeps them. */
  archives_removed: Type.Integer(),
  freed_bytes: Type.Integer(),
  /** Plans that were left alone, and why; the first 20. */
  problems: Type.Array(Type.Object({ plan_id: Type.Optional(Type.String()), error: Problem })),
});
export type RetentionReport = Static<typeof RetentionReportSchema>;

/** What a run would remove now. */
const RetentionPreviewSchema = Type.Object({
  plans: Type.Integer(),
  /** The first 50 of them, oldest first. */
  first: Type.Array(Type.Object({ plan_id: Type.String(), goal: Type.String(), status: Type.String(), ended_at: Timestamp })),
  artifacts: Type.Integer(),
  artifact_bytes: Type.Integer(),
  /** Why more may go than has aged: the database is larger than it may be. */
  over_size: Type.Boolean(),
});
export type RetentionPreview = Static<typeof RetentionPreviewSchema>;

export const RetentionViewSchema = Type.Object({
  policy: Type.Object({
    plan_days: Type.Integer(),
    store_bytes: Type.Integer(),
    archive_days: Type.Optional(Type.Integer()),
    logs_days: Type.Integer(),
    artifacts_ephemeral_hours: Type.Integer(),
    artifacts_session_days: Type.Integer(),
    artifacts_standard_days: Type.Integer(),
  }),
  store: Type.Object({ bytes: Type.Integer(), free_bytes: Type.Integer() }),
  archive: Type.Object({ path: Type.String(), files: Type.Integer(), bytes: Type.Integer() }),
  preview: RetentionPreviewSchema,
  running: Type.Boolean(),
  /** The newest run since the node was started. */
  last: Type.Optional(RetentionReportSchema),
});
export type RetentionView = Static<typeof RetentionViewSchema>;
