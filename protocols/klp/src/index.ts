/** The public face of the Kind Link Protocol package. */

export { createSigner, hmacSha256, randomBytes, sha256, sha256Hex, verifySignature } from "#crypto";
export { decodeBase64Url, encodeBase64Url } from "./base64url.ts";
export { type BatchFrame, type BatchFrameProof, DEFAULT_MAX_FRAME_BYTES } from "./batch-frame.ts";
export { canonicalJson } from "./canonical-json.ts";
export type { Primitives, Signer } from "./crypto/primitives.ts";
export { decodeDidKey, encodeDidKey, isDidKey } from "./did-key.ts";
export {
  type BatchProof,
  DEFAULT_MAX_ENVELOPE_BYTES,
  type Envelope,
  encodeEnvelope,
  isMessageType,
  KLP_VERSION,
  MAX_TTL_S,
  MESSAGE_TYPES,
  type MessageType,
  type Proof,
  replayMark,
  type SingleProof,
  type UnsignedEnvelope,
  WINDOW_MS,
} from "./envelope.ts";
export { ERROR_CODES, ERROR_TABLE, type ErrorCode, type ErrorTableEntry, isErrorCode } from "./error-table.ts";
export { isKosError, KosError, type KosErrorOptions } from "./errors.ts";
export { createFrameDecoder, encodeFrame, type FrameDecoder } from "./frame.ts";
export {
  awaitHandshake,
  type HandshakeConfig,
  type HandshakeResult,
  type HandshakeState,
  type HandshakeStep,
  openHandshake,
  stepHandshake,
} from "./handshake.ts";
export type { Challenge, HandshakeMessage, Hello, ProofOfKey, Welcome } from "./handshake-message.ts";
export { formatHash, type HashText, hashText, isHashText, parseHash } from "./hash-text.ts";
export { createIdentity, createNodeIdentity, decodeKeyFile, encodeKeyFile, generateSeed, type Identity } from "./identity.ts";
export {
  type CardTerms,
  type IdentityCard,
  issueCard,
  type KeyRotation,
  rotateKey,
  verifyCard,
  verifyRotation,
} from "./identity-card.ts";
export {
  type AgentAddress,
  type AgentId,
  type ApprovalId,
  type ArtifactId,
  type DidKey,
  formatAgentId,
  isAgentClass,
  isAgentId,
  isPlanId,
  isTaskId,
  isTenantId,
  isUuidV7,
  localAgentId,
  type MessageId,
  type NodeDid,
  type PlanId,
  parseAgentId,
  parseTaskAddress,
  type TaskAddress,
  type TaskId,
  type TenantId,
  taskAddress,
} from "./ids.ts";
export { jsonPointer } from "./json-pointer.ts";
export {
  type Manifest,
  type ManifestCapability,
  type ManifestContent,
  type ManifestLimits,
  type ManifestRetry,
  type ManifestTerms,
  signManifest,
  verifyManifest,
} from "./manifest.ts";
export { findManifestProblems, MANIFEST_EFFECTS, type ManifestProblem } from "./manifest-shape.ts";
export { emptyRoot, leafHash, merkleRoot, nodeHash } from "./merkle.ts";
export { MerkleFrontier, type MerkleFrontierState } from "./merkle-frontier.ts";
export { makeMultiProof, verifyMultiProof } from "./merkle-multi-proof.ts";
export {
  makeConsistencyProof,
  makeInclusionProof,
  makeSubtreeConsistencyProof,
  makeSubtreeInclusionProof,
  subtreeRoot,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from "./merkle-proof.ts";
export { MerkleTree, type NodeAt } from "./merkle-tree.ts";
export { type KeyRecord, type OpenContext, openEnvelope } from "./open.ts";
export { type FrameEntry, type OpenFrameContext, openFrame } from "./open-frame.ts";
export { isSessionNonce, type ReplayGuard, type ReplayMark } from "./replay-guard.ts";
export { createReplayWindow, type ReplayWindow, type ReplayWindowOptions } from "./replay-window.ts";
export { safeText } from "./safe-text.ts";
export { type EnvelopeDraft, type SealedBatch, type SealingIdentity, type SealOptions, sealBatch, sealEnvelope } from "./seal.ts";
export { requireSealable } from "./sealable.ts";
export { selfTest } from "./self-test.ts";
export { createSession, type Session, type SessionOptions } from "./session.ts";
export { formatSignature, parseSignature, type SignatureText } from "./signature-text.ts";
export { signDocument, verifyDocument } from "./signed-document.ts";
export { parseStrict, type StrictJsonLimits } from "./strict-json.ts";
export { formatTimestamp, parseTimestamp } from "./timestamp.ts";
export { createUuidV7 } from "./uuid-v7.ts";
export { fromWireError, toWireError, type WireError } from "./wire-error.ts";
