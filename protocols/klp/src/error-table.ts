/**
 * The closed table of error codes shared by REST, WebSocket, KLP and the command line.
 * It owns status, retry policy and whether a message may be shown; it must not know any transport. docs/errors.md mirrors it.
 */

export interface ErrorTableEntry {
  /** HTTP status of the problem document. */
  readonly status: number;
  /** Whether the same request may succeed later without a change by the caller. An error can override it for one case. */
  readonly retryable: boolean;
  /** Whether the message of the error may leave the process. When false, title and advice are sent in its place. */
  readonly public: boolean;
  /** What is wrong, in a few words, without details of the case. */
  readonly title: string;
  /** What the reader should do next. */
  readonly advice: string;
}

export const ERROR_CODES = [
  "BAD_REQUEST",
  "BAD_ENVELOPE",
  "VERSION_UNSUPPORTED",
  "UNKNOWN_TYPE",
  "UNKNOWN_AGENT",
  "UNKNOWN_CAPABILITY",
  "IDENTITY_UNKNOWN",
  "IDENTITY_REVOKED",
  "IDENTITY_MISMATCH",
  "SIGNATURE_INVALID",
  "REPLAYED",
  "EXPIRED",
  "NOT_ADDRESSEE",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "INSUFFICIENT_SCOPE",
  "POLICY_DENIED",
  "APPROVAL_REQUIRED",
  "RATE_LIMITED",
  "QUARANTINED",
  "VAULT_LOCKED",
  "NOT_FOUND",
  "CONFLICT",
  "TOO_LARGE",
  "TIMEOUT",
  "CANCELLED",
  "BUDGET_EXCEEDED",
  "RESOURCE_LIMIT_EXCEEDED",
  "MODEL_UNAVAILABLE",
  "SANDBOX_UNAVAILABLE",
  "IN_DOUBT",
  "DEFINITION_CHANGED",
  "STORAGE_FULL",
  "STORE_NEWER",
  "UNAVAILABLE",
  "INTERNAL",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export const ERROR_TABLE: { readonly [Code in ErrorCode]: ErrorTableEntry } = Object.freeze({
  BAD_REQUEST: entry(400, "The request is not valid.", "Correct the field that the message names and send it again."),
  BAD_ENVELOPE: entry(400, "The message is not a well-formed KLP envelope.", "Seal it again with a current KLP library."),
  VERSION_UNSUPPORTED: entry(
    400,
    "This protocol version is not spoken here.",
    "Use a version that the details list, or update the older side.",
  ),
  UNKNOWN_TYPE: entry(400, "This message type is not known here.", "Check the type, or update the receiver."),
  UNKNOWN_AGENT: entry(404, "There is no agent of that name.", "List the agents with `kai agents list` and use one of their ids."),
  UNKNOWN_CAPABILITY: entry(422, "No registered agent offers that capability.", "List what is offered with `kai capabilities`."),
  IDENTITY_UNKNOWN: entry(401, "The key is not known here.", "Pair the agent with this node first; keys are never trusted on first use."),
  IDENTITY_REVOKED: entry(401, "The key has been revoked or has expired.", "Have the node issue a new identity card, or rotate the key."),
  IDENTITY_MISMATCH: entry(403, "The key does not belong to the identity that is claimed.", "Send under the id that the key is bound to."),
  SIGNATURE_INVALID: entry(
    401,
    "The signature does not fit the content.",
    "Seal the message again; if it recurs, look for a change on the way.",
  ),
  REPLAYED: entry(409, "This message was already received.", "Seal a new message; a message is never accepted twice."),
  EXPIRED: entry(410, "It is too old, or its clock is too far off.", "Check both clocks and seal or request it again."),
  NOT_ADDRESSEE: entry(421, "The message is addressed to somebody else.", "Send it to the agent or node that it names."),
  UNAUTHORIZED: entry(401, "Authentication is missing or not valid.", "Send a valid token; `kai login-link` signs a browser in."),
  FORBIDDEN: entry(403, "This caller may not do that.", "Ask the owner for the right, or use another account."),
  INSUFFICIENT_SCOPE: entry(403, "The token lacks a scope that this needs.", "Ask for a token with the scope that the details name."),
  POLICY_DENIED: entry(403, "A policy forbids it.", "Read the rule that the details name; only its owner can change it."),
  APPROVAL_REQUIRED: entry(403, "A person has to approve it first.", "Approve it with `kai approve` or in the console."),
  RATE_LIMITED: entry(429, "Too many requests in a short time.", "Wait as long as Retry-After says, then try again.", { retryable: true }),
  QUARANTINED: entry(403, "The agent is in quarantine.", "A person has to look at the alert and release the agent."),
  VAULT_LOCKED: entry(423, "The vault is locked.", "Unlock it, then try again."),
  NOT_FOUND: entry(404, "There is nothing at that address, or the caller may not see it.", "Check the id."),
  CONFLICT: entry(409, "The state has changed or does not allow it.", "Read the current state, then decide again."),
  TOO_LARGE: entry(413, "It is larger than the limit.", "Send less, or send a reference to an artifact."),
  TIMEOUT: entry(504, "It did not finish in time.", "Try again, or raise the time limit.", { retryable: true }),
  CANCELLED: entry(409, "It was cancelled.", "Start it again if it is still wanted."),
  BUDGET_EXCEEDED: entry(402, "The budget does not cover it.", "Raise the budget of the plan, or ask for less."),
  RESOURCE_LIMIT_EXCEEDED: entry(
    422,
    "It used more memory, time or output than allowed.",
    "Give it less work, or raise the limit in the manifest.",
  ),
  MODEL_UNAVAILABLE: entry(503, "No model is configured, or the model does not answer.", "Check the model settings with `kai doctor`.", {
    retryable: true,
  }),
  SANDBOX_UNAVAILABLE: entry(
    503,
    "This machine offers no sandbox, so untrusted code is refused.",
    "Run `kai doctor`; it says what to install.",
  ),
  IN_DOUBT: entry(
    409,
    "It was cut off, and its effect outside is not known.",
    "Look whether the effect happened, then settle it with `kai resolve`.",
  ),
  DEFINITION_CHANGED: entry(
    409,
    "The definition has changed since it was recorded.",
    "Read the list of differences, then confirm or start anew.",
  ),
  STORAGE_FULL: entry(507, "The disk is full.", "Free space or shorten the retention; nothing was half-written.", {
    retryable: true,
    public: false,
  }),
  STORE_NEWER: entry(503, "The data was written by a newer version.", "Start the newer version, or restore a backup of this one.", {
    public: false,
  }),
  UNAVAILABLE: entry(503, "It is not reachable at the moment.", "Try again in a moment.", { retryable: true }),
  INTERNAL: entry(500, "Something inside went wrong.", "Look for the trace id in the log and report it.", { public: false }),
});

/** Whether a text is one of the codes of the table. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_TABLE, value);
}

function entry(
  status: number,
  title: string,
  advice: string,
  flags: { readonly retryable?: boolean; readonly public?: boolean } = {},
): ErrorTableEntry {
  return Object.freeze({ status, retryable: flags.retryable ?? false, public: flags.public ?? true, title, advice });
}
