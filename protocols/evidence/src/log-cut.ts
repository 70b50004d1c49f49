// The signed checkpoint behind which a log has been cut: what is signed, and how it is checked. It is no head: only whoever holds the node's key
// can say that the events before it may be missing.

import { formatHash, formatSignature, isHashText, parseHash, parseSignature, verifySignature } from "@kos/klp";
import { type TreeHead, treeHeadBytes } from "./tree-head.ts";

const CUT_CONTEXT = new TextEncoder().encode("kos-log-cut/1.0\0");

/** The signed bytes: `kos-log-cut/1.0`, NUL, then the bytes that a head of the same log, size and root signs. */
function logCutBytes(log: string, size: number, root: Uint8Array): Uint8Array {
  const head = treeHeadBytes(log, size, root);
  const bytes = new Uint8Array(CUT_CONTEXT.length + head.length);
  bytes.set(CUT_CONTEXT);
  bytes.set(head, CUT_CONTEXT.length);
  return bytes;
}

/** Signs that the first `size` events, whose tree has that root, may be missing from now on. `sign` is Ed25519 with the node's key. */
export function signLogCut(log: string, size: number, root: Uint8Array, sign: (message: Uint8Array) => Uint8Array): TreeHead {
  return { log_id: log, size, root: formatHash(root), signature: formatSignature(sign(logCutBytes(log, size, root))) };
}

/** Whether the holder of the key signed this cut. */
export function verifyLogCut(cut: TreeHead, publicKey: Uint8Array): boolean {
  const signature = parseSignature(cut.signature);
  if (signature === undefined || !isHashText(cut.log_id) || !isHashText(cut.root)) return false;
  if (!Number.isSafeInteger(cut.size) || cut.size < 0) return false;
  return verifySignature(publicKey, logCutBytes(cut.log_id, cut.size, parseHash(cut.root)), signature);
}
