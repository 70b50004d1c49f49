import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { executor, NOW_MS, node, otherNode, verdict } from "./envelope.fixture.ts";
import { isKosError } from "./errors.ts";
import type { AgentId, DidKey } from "./ids.ts";
import { manifestContent } from "./manifest.fixture.ts";
import { type Manifest, signManifest, verifyManifest } from "./manifest.ts";
import { findManifestProblems, type ManifestProblem } from "./manifest-shape.ts";

const terms = { id: executor.id as AgentId, publicKey: executor.publicKey, issuedAtMs: NOW_MS, expiresAtMs: NOW_MS + 86_400_000 };
const trust = { now: () => NOW_MS, isTrustedIssuer: (issuer: DidKey) => issuer === node.did };
const manifest = signManifest(manifestContent, terms, node);
/** The manifest with members changed, or left out where they are undefined. */
const changed = (changes: object) => JSON.parse(JSON.stringify({ ...manifest, ...changes })) as unknown;
const capability = (changes: object) => changed({ capabilities: [{ ...manifestContent.capabilities[0], ...changes }] });

test("[K16] a manifest that a trusted node signed is accepted for its time", () => {
  expect(verifyManifest(JSON.parse(JSON.stringify(manifest)), trust)).toEqual(manifest);
  expect(manifest).toMatchObject({ schema_version: 1, id: "kExecutor:web", public_key: executor.did, issuer: node.did });
  for (const [offsetMs, outcome] of [
    [-1, "EXPIRED"],
    [86_399_999, "accepted"],
    [86_400_000, "EXPIRED"],
  ] as const) {
    expect(verdict(() => verifyManifest(manifest, { ...trust, now: () => NOW_MS + offsetMs }))).toBe(outcome);
  }
});

test("[R56] a manifest of an unknown issuer is refused", () => {
  expect(verdict(() => verifyManifest(signManifest(manifestContent, terms, otherNode), trust))).toBe("IDENTITY_UNKNOWN");
});

test("one changed member anywhere is a bad signature", () => {
  const more = [
    { description: "Other." },
    { version: "1.2.4" },
    { secrets: [] },
    { permissions: ["net.read", "exec"] },
    { limits: { ...manifestContent.limits, memory_mb: 512 } },
    { public_key: node.did },
    { expires_at: "2027-11-22T10:00:00.000Z" },
    { persona: "calm" },
  ];
  for (const changes of more) expect(verdict(() => verifyManifest(changed(changes), trust))).toBe("SIGNATURE_INVALID");
  expect(verdict(() => verifyManifest(capability({ input: { type: "string" } }), trust))).toBe("SIGNATURE_INVALID");
});

describe("[K16] the shape", () => {
  test.each<readonly [path: string, value: unknown]>([
    ["/schema_version", changed({ schema_version: 2 })],
    ["/id", changed({ id: "web" })],
    ["/id", changed({ id: "kExecutor:other" })],
    ["/class", changed({ class: "executor" })],
    ["/name", changed({ name: "a b" })],
    ["/version", changed({ version: "1.2" })],
    ["/version", changed({ version: "01.2.3" })],
    ["/version", changed({ version: "v1.2.3" })],
    ["/description", changed({ description: "" })],
    ["/public_key", changed({ public_key: "ed25519:abc" })],
    ["/capabilities", changed({ capabilities: {} })],
    ["/capabilities/0", changed({ capabilities: [null] })],
    ["/capabilities/0/name", capability({ name: "fetch" })],
    ["/capabilities/0/name", capability({ name: "Web.fetch" })],
    ["/capabilities/0/input", capability({ input: [] })],
    ["/capabilities/0/effects", capability({ effects: ["net.everything"] })],
    ["/capabilities/0/effects", capability({ effects: ["net.read", "net.read"] })],
    ["/capabilities/0/effects", capability({ effects: ["exec"] })],
    ["/capabilities/0/idempotent", capability({ idempotent: 1 })],
    ["/capabilities/0/timeout_ms", capability({ timeout_ms: 0 })],
    ["/capabilities/0/retry", capability({ retry: 3 })],
    ["/capabilities/0/retry/max_attempts", capability({ retry: { max_attempts: 0, backoff_ms: 0, max_backoff_ms: 0 } })],
    ["/capabilities/0/cost", capability({ cost: -1 })],
    ["/capabilities/0/extra", capability({ extra: true })],
    ["/permissions", changed({ permissions: "all" })],
    ["/limits/memory_mb", changed({ limits: { ...manifestContent.limits, memory_mb: 0.5 } })],
    ["/limits/disk_mb", changed({ limits: { ...manifestContent.limits, disk_mb: 1 } })],
    ["/secrets", changed({ secrets: ["with blank "] })],
    ["/health/interval_ms", changed({ health: {} })],
    ["/issued_at", changed({ issued_at: "today" })],
    ["/expires_at", changed({ expires_at: manifest.issued_at })],
    ["/issuer", changed({ issuer: "node" })],
    ["/signature", changed({ signature: "none" })],
    ["/a~1b", changed({ "a/b": 1 })],
    ["/", null],
    ["/", []],
  ])("a problem at %s is found there and nowhere else", (path, value) => {
    expect(findManifestProblems(value).map((problem) => problem.path)).toEqual([path]);
    expect(verdict(() => verifyManifest(value, trust))).toBe("BAD_REQUEST");
  });

  test("every required member is missed, and only those", () => {
    for (const name of Object.keys(manifest)) {
      expect(findManifestProblems(changed({ [name]: undefined })).map(({ path }) => path)).toEqual([`/${name}`]);
    }
    for (const name of ["cost", "placement", "output_labels", "max_concurrent"])
      expect(findManifestProblems(capability({ [name]: undefined }))).toEqual([]);
    expect(findManifestProblems(changed({ persona: "calm" }))).toEqual([]);
  });

  test("all problems are reported at once, with their places", () => {
    try {
      verifyManifest(changed({ version: "1", secrets: 1, health: {} }), trust);
      expect.unreachable("it was accepted");
    } catch (error) {
      if (!isKosError(error)) throw error;
      const problems = error.details?.["problems"] as readonly ManifestProblem[];
      expect(problems.map(({ path }) => path)).toEqual(["/version", "/secrets", "/health/interval_ms"]);
    }
  });

  test("two capabilities of one name are a problem", () => {
    const [first] = manifestContent.capabilities;
    expect(findManifestProblems(changed({ capabilities: [first, first] }))).toEqual([
      { path: "/capabilities/1/name", expected: "a name that no other capability has" },
    ]);
  });

  test("[R75] members named like those every object has are unknown members", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      const value: unknown = JSON.parse(JSON.stringify(manifest).replace("{", `{"${name}":{"class":"kCore"},`));
      expect(findManifestProblems(value).map(({ path }) => path)).toEqual([`/${name}`]);
    }
  });

  test("any JSON value is judged without an error", () => {
    const member = fc.constantFrom<keyof Manifest>("id", "capabilities", "limits", "health", "permissions", "issued_at");
    fc.assert(
      fc.property(fc.jsonValue(), member, (value, name) => {
        expect(Array.isArray(findManifestProblems(value))).toBe(true);
        expect(Array.isArray(findManifestProblems({ ...manifest, [name]: value }))).toBe(true);
      }),
    );
  });
});

test("a manifest with a problem is not signed", () => {
  expect(verdict(() => signManifest({ ...manifestContent, version: "1" }, terms, node))).toBe("BAD_REQUEST");
  expect(verdict(() => signManifest(manifestContent, { ...terms, id: "kExecutor:other" as AgentId }, node))).toBe("BAD_REQUEST");
  expect(verdict(() => signManifest(manifestContent, { ...terms, expiresAtMs: NOW_MS }, node))).toBe("BAD_REQUEST");
});
