import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { context, core, draft, executor, NOW_MS } from "./envelope.fixture.ts";
import * as node from "./index.ts";

type Klp = typeof node;

const entry = fileURLToPath(new URL("./index.ts", import.meta.url));
const bundled = await build({
  entryPoints: [entry],
  bundle: true,
  write: false,
  platform: "browser",
  format: "esm",
  target: "es2023",
  metafile: true,
  logLevel: "silent",
});
const code = bundled.outputFiles[0]?.text ?? "";
const browser = (await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`)) as Klp;

describe("[K40] the package bundled for a browser", () => {
  test("imports nothing of Node", () => {
    const inputs = Object.keys(bundled.metafile.inputs);
    const imports = Object.values(bundled.metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
    expect(inputs.some((path) => path.endsWith("crypto/browser.ts"))).toBe(true);
    expect(inputs.filter((path) => /node\.ts$|platform-test-node/.test(path))).toEqual([]);
    expect(
      [...imports, ...Object.values(bundled.metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path))].filter((path) =>
        path.startsWith("node:"),
      ),
    ).toEqual([]);
    expect(/["']node:/.exec(code)).toBeNull();
    expect(/\b(?:Buffer\.(?:from|alloc|concat)|process\.(?:env|versions|argv|nextTick))\b/.exec(code)).toBeNull();
  });

  test("exports what the package exports", () => {
    expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort());
  });

  test("[R137] passes the self-test", () => {
    expect(() => browser.selfTest()).not.toThrow();
  });

  test("opens what Node sealed, singly and in frames", () => {
    const envelope = node.sealEnvelope(draft, core, { now: NOW_MS });
    expect(browser.openEnvelope(node.encodeEnvelope(envelope), context())).toEqual(envelope);
    const batch = node.sealBatch([draft, draft, draft], core, { now: NOW_MS });
    expect(browser.openFrame(batch.frame, context()).map(({ ok }) => ok)).toEqual([true, true, true]);
    const given = context();
    for (const item of batch.envelopes) expect(browser.openEnvelope(browser.encodeEnvelope(item), given)).toEqual(item);
  });

  test("seals what Node opens, byte for byte as Node would have", () => {
    const there = browser.createIdentity(core.id as node.AgentId, new Uint8Array(32).fill(1));
    const options = { now: NOW_MS, nonce: "n-1" };
    const given = { ...draft, id: "m-1" };
    expect(browser.encodeEnvelope(browser.sealEnvelope(given, there, options))).toEqual(
      node.encodeEnvelope(node.sealEnvelope(given, core, options)),
    );
    expect(browser.sealBatch([given], there, options).frame).toEqual(node.sealBatch([given], core, options).frame);
    expect(node.openFrame(browser.sealBatch([draft, draft], there, { now: NOW_MS }).frame, context()).map(({ ok }) => ok)).toEqual([
      true,
      true,
    ]);
  });

  test("[R58] refuses what Node refuses", () => {
    const envelope = node.sealEnvelope(draft, core, { now: NOW_MS });
    const refuse = (value: unknown) => {
      try {
        browser.openEnvelope(value, context());
        return "accepted";
      } catch (error) {
        // The bundle has a KosError class of its own; the brand holds across both.
        return node.isKosError(error) ? error.code : "not a KosError";
      }
    };
    expect(refuse({ ...envelope, payload: 1 })).toBe("SIGNATURE_INVALID");
    expect(refuse({ ...envelope, to: executor.did })).toBe("NOT_ADDRESSEE");
    expect(refuse(new TextEncoder().encode('{"a":1,"a":2}'))).toBe("BAD_ENVELOPE");
  });

  test("shakes hands with Node", () => {
    const lookupKey = (key: string): node.KeyRecord =>
      key === core.did
        ? { status: "active", id: core.id }
        : key === executor.did
          ? { status: "active", id: executor.id }
          : { status: "unknown" };
    const there = browser.createIdentity(executor.id as node.AgentId, new Uint8Array(32).fill(2));
    const hello = node.openHandshake({ identity: core, challenge: node.randomBytes(32), lookupKey });
    const challenge = browser.stepHandshake(
      browser.awaitHandshake({ identity: there, challenge: browser.randomBytes(32), lookupKey }).state,
      hello.send[0],
    );
    const proof = node.stepHandshake(hello.state, challenge.send[0]);
    const welcome = browser.stepHandshake(challenge.state, proof.send[0]);
    expect(node.stepHandshake(proof.state, welcome.send[0]).done?.session).toBe(welcome.done?.session);
    expect(welcome.done?.session).toHaveLength(22);
  });
});
