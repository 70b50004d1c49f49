// How each state of plans, tasks and agents looks and is called. A state of a newer node is shown by its own name.

type Shape = "hollow" | "ring" | "turning" | "check" | "cross" | "person" | "doubt" | "slash" | "bars" | "square";

export interface StatusLook {
  readonly shape: Shape;
  /** A class that sets the text colour. */
  readonly color: string;
  readonly words: string;
}

const LOOKS: Readonly<Record<string, StatusLook>> = {
  draft: { shape: "hollow", color: "text-quiet", words: "draft" },
  pending: { shape: "hollow", color: "text-quiet", words: "not yet" },
  ready: { shape: "ring", color: "text-busy", words: "ready" },
  running: { shape: "turning", color: "text-busy", words: "running" },
  reviewing: { shape: "turning", color: "text-busy", words: "under review" },
  agent_ready: { shape: "ring", color: "text-good", words: "ready" },
  schedule_active: { shape: "ring", color: "text-good", words: "active" },
  ended: { shape: "square", color: "text-quiet", words: "ended" },
  removed: { shape: "slash", color: "text-quiet", words: "removed" },
  queued: { shape: "hollow", color: "text-quiet", words: "queued" },
  starting: { shape: "ring", color: "text-busy", words: "starting" },
  refused: { shape: "cross", color: "text-bad", words: "refused" },
  busy: { shape: "turning", color: "text-busy", words: "busy" },
  succeeded: { shape: "check", color: "text-good", words: "succeeded" },
  failed: { shape: "cross", color: "text-bad", words: "failed" },
  waiting_approval: { shape: "person", color: "text-wait", words: "waits for approval" },
  waiting_input: { shape: "person", color: "text-wait", words: "waits for an answer" },
  in_doubt: { shape: "doubt", color: "text-doubt", words: "in doubt" },
  paused: { shape: "bars", color: "text-wait", words: "paused" },
  skipped: { shape: "slash", color: "text-quiet", words: "skipped" },
  cancelled: { shape: "square", color: "text-quiet", words: "cancelled" },
  registered: { shape: "ring", color: "text-good", words: "registered" },
  degraded: { shape: "cross", color: "text-bad", words: "degraded" },
  quarantined: { shape: "cross", color: "text-bad", words: "in quarantine" },
  offline: { shape: "slash", color: "text-bad", words: "offline" },
  terminated: { shape: "square", color: "text-quiet", words: "terminated" },
};

export function statusLook(status: string): StatusLook {
  return (Object.hasOwn(LOOKS, status) && LOOKS[status]) || { shape: "hollow", color: "text-quiet", words: status.replaceAll("_", " ") };
}
