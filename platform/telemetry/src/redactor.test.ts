import { describe, expect, it } from "vitest";
import { createRedactor } from "./redactor.ts";

describe("redactor", () => {
  it("[T4] [R45] hides told values, also in base64 and percent-encoded, wherever they stand", () => {
    const redactor = createRedactor();
    const canary = "canary:/?p@ss+word==";
    redactor.hide(canary);
    redactor.hide("second-secret");
    const base64 = Buffer.from(canary).toString("base64");
    for (const form of [
      canary,
      encodeURIComponent(canary),
      base64,
      base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
      "second-secret",
    ]) {
      expect(redactor.redact(`before ${form} after ${form}`)).toMatch(/^before \[redacted\]={0,2} after \[redacted\]={0,2}$/);
    }
  });

  it("[T4] [R45] hides what looks like a credential", () => {
    const { redact } = createRedactor();
    const cases: readonly (readonly [string, string])[] = [
      ["Authorization: Bearer abcdef123456789", "Authorization: Bearer [redacted]"],
      ["token eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiJhIn0.c2lnbmF0dXJl end", "token [redacted] end"],
      ["https://ada:hunter2@example.com/x", "https://[redacted]@example.com/x"],
      ["https://ghp_notapassword@example.com/x", "https://[redacted]@example.com/x"],
      ["GET /cb?code=abc123&state=ok&access_token=zzz#f", "GET /cb?code=[redacted]&state=ok&access_token=[redacted]#f"],
      ["key sk-proj-abcdefghijklmnop1234", "key [redacted]"],
      ["AKIAIOSFODNN7EXAMPLE", "[redacted]"],
      ["-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY----- tail", "[redacted] tail"],
      ["-----BEGIN OPENSSH PRIVATE KEY-----\ncut off", "[redacted]"],
    ];
    for (const [text, expected] of cases) expect(redact(text)).toBe(expected);
  });

  it("[T4] leaves hashes, ids, signatures and plain addresses readable", () => {
    const { redact } = createRedactor();
    for (const text of [
      `sha256:${"a".repeat(64)}`,
      "019a0b7e-0000-7000-8000-000000000000",
      "https://example.com/path?page=2#top",
      "mail ada@example.com",
      "fetched 3 tokens per second",
    ]) {
      expect(redact(text)).toBe(text);
    }
  });

  it("[T4] knows keys whose values are secret, in every spelling", () => {
    const { isSecretKey } = createRedactor();
    for (const key of [
      "authorization",
      "Set-Cookie",
      "x-api-key",
      "apiKey",
      "API_KEY",
      "accessToken",
      "client_secret",
      "passphrase",
      "privateKey",
      "dbPassword",
    ]) {
      expect(isSecretKey(key), key).toBe(true);
    }
    for (const key of ["key", "tokens", "plan_id", "secretary", "cookies_accepted", "author"]) expect(isSecretKey(key), key).toBe(false);
  });

  it("[T4] does not take apart ordinary text for a value that is too short", () => {
    const redactor = createRedactor();
    redactor.hide("the");
    expect(redactor.redact("the end")).toBe("the end");
  });

  it("[T4] stays quick on hostile text", () => {
    const { redact } = createRedactor();
    for (const text of ["-----BEGIN ".repeat(700), "?key=".repeat(1600), "eyJ".repeat(2700), "a://".repeat(2000), "Bearer ".repeat(1100)]) {
      expect(redact(text).length).toBeLessThan(20_000);
    }
  });
});
