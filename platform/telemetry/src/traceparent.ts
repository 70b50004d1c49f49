// W3C Trace Context: the `traceparent` that ties the work of several processes together. Level 1, version 00.

/** `00-<trace id>-<span id>-<flags>`, source: https://www.w3.org/TR/trace-context/ section 3.2. */
export interface TraceParent {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero: the span that is the parent. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

const PATTERN = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;

/** Undefined for anything that is no valid traceparent: a caller then begins a new trace. Later versions are read as far as they are alike. */
export function parseTraceparent(text: string): TraceParent | undefined {
  const [, version = "", traceId = "", spanId = "", flags = "", rest] = PATTERN.exec(text) ?? [];
  if (version === "" || version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

export function formatTraceparent(parent: TraceParent): string {
  return `00-${parent.traceId}-${parent.spanId}-${parent.isSampled ? "01" : "00"}`;
}

/** A new span: in the trace of `parent`, or in a new trace. `randomBytes` is a secure generator. */
export function createTraceparent(randomBytes: (length: number) => Uint8Array, parent?: TraceParent): TraceParent {
  return {
    traceId: parent?.traceId ?? hexId(randomBytes, 16),
    spanId: hexId(randomBytes, 8),
    isSampled: parent?.isSampled ?? true,
  };
}

function hexId(randomBytes: (length: number) => Uint8Array, length: number): string {
  const hex = Buffer.from(randomBytes(length)).toString("hex");
  // All zero means "none" in the standard; a generator gives it once in 2^64 at most.
  return /^0+$/.test(hex) ? `${hex.slice(0, -1)}1` : hex;
}
