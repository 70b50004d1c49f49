/** What only Node can get wrong: its version, and primitives that other packages use directly from node:crypto. */

import { createCipheriv, createDecipheriv, createPublicKey, pbkdf2Sync, verify } from "node:crypto";

const LEAST_NODE_MAJOR = 24;
/** SubjectPublicKeyInfo of the neutral point, and the signature that fits it for any message. */
const SMALL_ORDER_KEY = Buffer.from(`302a300506032b657003210001${"00".repeat(31)}`, "hex");
const SMALL_ORDER_SIGNATURE = Buffer.from(`01${"00".repeat(63)}`, "hex");
/** PBKDF2-HMAC-SHA-512, "password", "salt", 1 iteration, 64 bytes. */
const PBKDF2_ANSWER =
  "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce";

/** What is asked; a test puts a lax platform in its place. */
export interface NodePlatform {
  /** `process.versions.node` */
  readonly nodeVersion: string;
  readonly verify: typeof verify;
  readonly createDecipheriv: typeof createDecipheriv;
  readonly pbkdf2Sync: typeof pbkdf2Sync;
}

const RUNNING: NodePlatform = { nodeVersion: process.versions.node, verify, createDecipheriv, pbkdf2Sync };

/** What this Node fails at, in words; an empty list when nothing. */
export function platformProblems(platform: NodePlatform = RUNNING): string[] {
  const problems: string[] = [];
  if (Number.parseInt(platform.nodeVersion, 10) < LEAST_NODE_MAJOR) {
    problems.push(`Node.js ${platform.nodeVersion} is older than ${LEAST_NODE_MAJOR}`);
  }
  if (acceptsSmallOrderKey(platform)) problems.push("node:crypto accepts Ed25519 keys of small order");
  if (acceptsShortTag(platform)) problems.push("AES-GCM accepts an authentication tag of 4 bytes");
  if (platform.pbkdf2Sync("password", "salt", 1, 64, "sha512").toString("hex") !== PBKDF2_ANSWER) problems.push("PBKDF2 is wrong");
  return problems;
}

/** Asked of node:crypto itself: our own check in front of it would hide the answer. */
function acceptsSmallOrderKey(platform: NodePlatform): boolean {
  try {
    const key = createPublicKey({ key: SMALL_ORDER_KEY, format: "der", type: "spki" });
    return platform.verify(null, Buffer.from("any"), key, SMALL_ORDER_SIGNATURE);
  } catch {
    return false; // Refusing to read the key at all is as strict as can be.
  }
}

function acceptsShortTag(platform: NodePlatform): boolean {
  const key = Buffer.alloc(32, 1);
  const iv = Buffer.alloc(12, 2);
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: 16 });
  const text = Buffer.concat([cipher.update("self-test"), cipher.final()]);
  try {
    const decipher = platform.createDecipheriv("aes-256-gcm", key, iv, { authTagLength: 16 });
    decipher.setAuthTag(cipher.getAuthTag().subarray(0, 4));
    decipher.update(text);
    decipher.final();
    return true;
  } catch {
    return false; // The refusal that is hoped for.
  }
}
