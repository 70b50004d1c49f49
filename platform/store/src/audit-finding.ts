// The first place of a partition that an audit found wrong.

export interface AuditFinding {
  readonly partition: number;
  /** First place that is wrong; what is before it is as it was written. */
  readonly position: number;
  /** Undefined where it cannot be told any more. */
  readonly plan_id: string | undefined;
  readonly reason: string;
}
