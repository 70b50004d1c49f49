import { createDecipheriv, pbkdf2Sync, verify } from "node:crypto";
import { expect, test } from "vitest";
import { platformProblems as browserProblems } from "./platform-test-browser.ts";
import { type NodePlatform, platformProblems } from "./platform-test-node.ts";

const strict: NodePlatform = { nodeVersion: "24.0.0", verify, createDecipheriv, pbkdf2Sync };

test("[R137] a strict platform has no problems", () => {
  expect(platformProblems(strict)).toEqual([]);
  expect(browserProblems()).toEqual([]);
});

test("[R137] a Node older than 24 is named", () => {
  expect(platformProblems({ ...strict, nodeVersion: "22.21.0" })).toEqual(["Node.js 22.21.0 is older than 24"]);
});

test("[R50] [R137] a platform that accepts keys of small order, as Node 20 does, is named", () => {
  const lax = (() => true) as unknown as typeof verify;
  expect(platformProblems({ ...strict, verify: lax })).toEqual(["node:crypto accepts Ed25519 keys of small order"]);
});

test("[R137] a platform that accepts a short tag is named", () => {
  const lax = ((algorithm: "aes-256-gcm", key: Buffer, iv: Buffer) =>
    createDecipheriv(algorithm, key, iv, { authTagLength: 4 })) as unknown;
  expect(platformProblems({ ...strict, createDecipheriv: lax as typeof createDecipheriv })).toEqual([
    "AES-GCM accepts an authentication tag of 4 bytes",
  ]);
});

test("[R137] a platform whose PBKDF2 is wrong is named", () => {
  const wrong = ((password: string, salt: string, _: number, length: number) =>
    pbkdf2Sync(password, salt, 2, length, "sha512")) as typeof pbkdf2Sync;
  expect(platformProblems({ ...strict, pbkdf2Sync: wrong })).toEqual(["PBKDF2 is wrong"]);
});
