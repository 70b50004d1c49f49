/** Opening what one frame carries: a single envelope, or a batch whose root signature is verified once for all of them. */

import { type BatchFrame, DEFAULT_MAX_FRAME_BYTES, frameText } from "./batch-frame.ts";
import { envelopeLeafHash, verifyBatchRoot } from "./batch-signature.ts";
import { canonicalJsonWithin } from "./canonical-json.ts";
import { decodeDidKey, isDidKey } from "./did-key.ts";
import { canonicalUnsigned, DEFAULT_MAX_ENVELOPE_BYTES, type UnsignedEnvelope } from "./envelope.ts";
import { readUnsignedEnvelope } from "./envelope-shape.ts";
import { isKosError, KosError } from "./errors.ts";
import { merkleRoot } from "./merkle.ts";
import { judge, type OpenContext, openEnvelope } from "./open.ts";
import { DEFAULT_MAX_DEPTH, parseStrictDocument } from "./strict-json.ts";

/** What became of one message of a frame. */
export type FrameEntry =
  | {
      readonly ok: true;
      readonly envelope: UnsignedEnvelope;
      /** The canonical JSON of the envelope without its proof, as it was signed; for whoever hashes or keeps it. */
      readonly canonical: string;
    }
  | { readonly ok: false; readonly envelope: UnsignedEnvelope | undefined; readonly error: KosError };

export interface OpenFrameContext extends OpenContext {
  /** Largest frame in bytes. Default 8 MiB. */
  readonly maxFrameBytes?: number;
}

/** An envelope in a frame lies two levels deeper than alone. */
const FRAME_LEVELS = 2;

/**
 * Opens every message in the bytes of one frame, in their order. Each is judged on its own, in the order of `openEnvelope`; the ones that
 * pass may be acted on even when others did not. A proof that does not fit refuses all of them, since one signature covers all.
 * @throws KosError TOO_LARGE or BAD_ENVELOPE when the frame as a whole cannot be read.
 */
export function openFrame(bytes: Uint8Array, context: OpenFrameContext): FrameEntry[] {
  const canonicals: string[] = [];
  const limits = { maxBytes: context.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES, maxDepth: DEFAULT_MAX_DEPTH + FRAME_LEVELS };
  const { value, canonical } = parseStrictDocument(bytes, limits, (parsed, maxDepth) => {
    canonicals.length = 0;
    return isFrame(parsed) ? writeFrame(parsed, canonicals) : canonicalJsonWithin(parsed, maxDepth);
  });
  if (!isFrame(value)) {
    return [
      attempt(undefined, () => {
        const envelope = openEnvelope(bytes, context);
        return { envelope, canonical: canonicalUnsigned(envelope) };
      }),
    ];
  }
  const frame = readFrame(value);
  const texts = canonical === undefined ? frame.envelopes.map((envelope) => canonicalJsonWithin(envelope, DEFAULT_MAX_DEPTH)) : canonicals;
  return openBatch(frame, texts, context);
}

function openBatch(frame: BatchFrame, canonicals: readonly string[], context: OpenContext): FrameEntry[] {
  const maxBytes = context.maxBytes ?? DEFAULT_MAX_ENVELOPE_BYTES;
  let verdict: boolean | undefined;
  const isRootGood = () => {
    verdict ??= isBatchGood(frame, canonicals);
    return verdict;
  };
  return frame.envelopes.map((envelope, index) =>
    attempt(envelope, () => {
      const canonical = canonicals[index] as string;
      if (canonical.length > maxBytes) throw new KosError("TOO_LARGE", `An envelope of the frame has more than ${maxBytes} bytes.`);
      judge(envelope, context, isRootGood);
      return { envelope, canonical };
    }),
  );
}

function isBatchGood(frame: BatchFrame, canonicals: readonly string[]): boolean {
  const publicKey = decodeDidKey(frame.proof.key);
  if (publicKey === undefined) return false;
  const leaves = frame.envelopes.map((envelope, index) => envelopeLeafHash(envelope.type, canonicals[index] as string));
  return verifyBatchRoot(frame.proof.size, merkleRoot(leaves), publicKey, frame.proof.root_signature);
}

function attempt(
  envelope: UnsignedEnvelope | undefined,
  open: () => { readonly envelope: UnsignedEnvelope; readonly canonical: string },
): FrameEntry {
  try {
    return { ok: true, ...open() };
  } catch (error) {
    if (!isKosError(error)) throw error;
    return { ok: false, envelope, error };
  }
}

interface FrameLike {
  readonly envelopes: readonly unknown[];
  readonly proof: unknown;
  readonly protocol: unknown;
}

function isFrame(value: unknown): value is FrameLike {
  return typeof value === "object" && value !== null && Array.isArray((value as Partial<FrameLike>).envelopes);
}

/** The canonical text of a frame, keeping that of each envelope, which is what the leaves hash. */
function writeFrame(frame: FrameLike, canonicals: string[]): string {
  for (const envelope of frame.envelopes) canonicals.push(canonicalJsonWithin(envelope, DEFAULT_MAX_DEPTH));
  return frameText(canonicals, canonicalJsonWithin(frame.proof, 1));
}

function readFrame(value: FrameLike): BatchFrame {
  const { envelopes, proof, protocol, ...rest } = value;
  if (Object.keys(rest).length > 0) refuse("it has unknown members");
  if (typeof protocol !== "string") refuse('"protocol" must be klp/1.0');
  const { key, kind, size } = readProof(proof);
  if (!isDidKey(key) || kind !== "ed25519-batch") refuse('"proof" must name a did:key and the kind ed25519-batch');
  if (envelopes.length === 0 || size !== envelopes.length) refuse("the size of its proof is not the number of its envelopes");
  for (const envelope of envelopes) {
    if (readUnsignedEnvelope(envelope).auth.key !== key) refuse("an envelope has another key than the proof");
  }
  return value as unknown as BatchFrame;
}

function readProof(value: unknown): { readonly [Member in "key" | "kind" | "root_signature" | "size"]?: unknown } {
  const names = ["key", "kind", "root_signature", "size"];
  const fits = typeof value === "object" && value !== null && names.every((name) => Object.hasOwn(value, name));
  if (!fits || Object.keys(value).length !== names.length) refuse(`"proof" must have exactly the members ${names.join(", ")}`);
  return value;
}

function refuse(finding: string): never {
  throw new KosError("BAD_ENVELOPE", `Not a batch frame: ${finding}.`);
}
