// What an event is applied with, beside itself: its stream and the header's time.

export interface EventContext {
  readonly planId: string;
  readonly tenant: string;
  readonly atMs: number;
}
