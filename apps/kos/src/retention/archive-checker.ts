// Checks archives where it stops nobody: small ones at once, large ones in the auditing thread.

import { askAuditor } from "../audit/auditor-thread.ts";
import { type CheckedArchive, checkArchive } from "./archive-check.ts";

/** So much takes about as long as a thread takes to start: 30 ms. */
const AT_ONCE_BYTES = 262_144;

/** `entry`: the program of the auditing thread. */
export function archiveChecker(
  entry: URL,
  publicKey: Uint8Array,
): (bytes: Uint8Array, planId: string) => Promise<CheckedArchive | undefined> {
  return async (bytes, planId) =>
    bytes.length <= AT_ONCE_BYTES
      ? checkArchive(bytes, planId, publicKey)
      : askAuditor(entry, { kind: "archive", bytes, planId, publicKey });
}
