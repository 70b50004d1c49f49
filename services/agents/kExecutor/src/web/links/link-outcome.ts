// What can be said of a link: alive, dead, closed to strangers, or not known. The line between them is drawn here and nowhere else.

import type { FailureReason } from "../site/site-record.ts";

/** Why nothing is said of a link; a closed set, because it is shown and counted. */
const UNCHECKED_REASONS = [
  "robots",
  "excluded",
  "endless",
  "limit",
  "policy",
  "rate_limited",
  "dns_unanswered",
  "time",
  "external",
] as const;
type UncheckedReason = (typeof UNCHECKED_REASONS)[number];

const LINK_STATES = ["alive", "dead", "restricted", "unchecked"] as const;
type LinkState = (typeof LINK_STATES)[number];

export interface LinkOutcome {
  readonly state: LinkState;
  /** Of the last answer; null where none came. */
  readonly status: number | null;
  readonly reason?: FailureReason | UncheckedReason;
}

/** There is something, but not for everybody: 401, 402, 403, 407, 451. */
const RESTRICTED: ReadonlySet<number> = new Set([401, 402, 403, 407, 451]);

/**
 * Dead is what a visitor cannot read: another status of 400 and above, no such host, no connection, no answer in time, redirects without end. Too many
 * requests (429) say nothing of the link.
 */
export function outcomeOfStatus(status: number): LinkOutcome {
  if (status < 400) return { state: "alive", status };
  if (status === 429) return { state: "unchecked", status, reason: "rate_limited" };
  return RESTRICTED.has(status) ? { state: "restricted", status } : { state: "dead", status, reason: "status" };
}

export function outcomeOfFailure(reason: FailureReason, status: number | null): LinkOutcome {
  switch (reason) {
    case "status":
      return outcomeOfStatus(status ?? 0);
    case "policy":
    case "dns_unanswered":
      return { state: "unchecked", status, reason };
    case "too_large":
    case "broken_body":
      // It answers, and with what a browser shows at least in part.
      return { state: "alive", status, reason };
    case "timeout":
    case "dns":
    case "refused":
    case "connection":
    case "tls":
    case "protocol":
    case "redirect_loop":
      return { state: "dead", status, reason };
  }
}
