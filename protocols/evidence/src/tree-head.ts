// A signed head of a partition's log: what exactly is signed, and how it is checked. It holds no key.

import {
  formatHash,
  formatSignature,
  type HashText,
  hashText,
  isHashText,
  parseHash,
  parseSignature,
  type SignatureText,
  verifySignature,
} from "@kos/klp";

/** A head as it stands on the wire and on disk. */
export interface TreeHead {
  /** `sha256:<hex>`, see `logId`. */
  readonly log_id: string;
  readonly size: number;
  /** `sha256:<hex>`. */
  readonly root: string;
  /** `ed25519:<base64url>` over `treeHeadBytes`. */
  readonly signature: string;
}

const encoder = new TextEncoder();
const HEAD_CONTEXT = encoder.encode("kos-log/1.0\0");

/** Names a log: SHA-256 of `kos-log-id/1.0`, NUL, the node's did, NUL, the partition in decimal. */
export function logId(nodeDid: string, partition: number): HashText {
  return hashText(`kos-log-id/1.0\0${nodeDid}\0${partition}`);
}

/** The signed bytes: `kos-log/1.0`, NUL, log id (32 bytes), size (uint64, big-endian), root (32 bytes). Every part has a fixed length. */
export function treeHeadBytes(log: string, size: number, root: Uint8Array): Uint8Array {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`A log has a whole number of events, not ${size}.`);
  if (root.length !== 32) throw new RangeError(`A root has 32 bytes, not ${root.length}.`);
  const bytes = new Uint8Array(HEAD_CONTEXT.length + 72);
  bytes.set(HEAD_CONTEXT);
  bytes.set(parseHash(log), HEAD_CONTEXT.length);
  new DataView(bytes.buffer).setBigUint64(HEAD_CONTEXT.length + 32, BigInt(size));
  bytes.set(root, HEAD_CONTEXT.length + 40);
  return bytes;
}

/** Signs a head. `sign` is Ed25519 with the node's key. */
export function signTreeHead(
  log: string,
  size: number,
  root: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array,
): TreeHead & { readonly signature: SignatureText } {
  return { log_id: log, size, root: formatHash(root), signature: formatSignature(sign(treeHeadBytes(log, size, root))) };
}

/** Whether a head was signed by the holder of the key, for the log it names. */
export function verifyTreeHead(head: TreeHead, publicKey: Uint8Array): boolean {
  const signature = parseSignature(head.signature);
  if (signature === undefined || !isHashText(head.log_id) || !isHashText(head.root)) return false;
  if (!Number.isSafeInteger(head.size) || head.size < 0) return false;
  return verifySignature(publicKey, treeHeadBytes(head.log_id, head.size, parseHash(head.root)), signature);
}
