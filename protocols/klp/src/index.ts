/** The public face of the Kind Link Protocol package. */

export { createSigner, hmacSha256, randomBytes, sha256, sha256Hex, verifySignature } from "#crypto";
export { decodeBase64Url, encodeBase64Url } from "./base64url.ts";
export { canonicalJson } from "./canonical-json.ts";
export type { Primitives, Signer } from "./crypto/primitives.ts";
export { ERROR_CODES, ERROR_TABLE, type ErrorCode, type ErrorTableEntry, isErrorCode } from "./error-table.ts";
export { isKosError, KosError, type KosErrorOptions } from "./errors.ts";
export { formatHash, type HashText, hashText, isHashText, parseHash } from "./hash-text.ts";
export {
  type AgentAddress,
  type AgentId,
  type ApprovalId,
  type ArtifactId,
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
export { leafHash, merkleRoot, nodeHash } from "./merkle.ts";
export { MerkleFrontier, type MerkleFrontierState } from "./merkle-frontier.ts";
export { formatSignature, parseSignature, type SignatureText } from "./signature-text.ts";
export { createUuidV7 } from "./uuid-v7.ts";
export { fromWireError, toWireError, type WireError } from "./wire-error.ts";
