import type { MessageFromAgent, MessageToAgent } from "@kos/agent";
import { describe, expect, it } from "vitest";
import { inOrder, packLarge, unpackLarge, type ValueBlobs } from "./large-value.ts";

function memoryBlobs(): ValueBlobs & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    async put(text) {
      const hash = `sha256:${texts.size}`;
      texts.set(hash, text);
      return hash;
    },
    async get(hash) {
      return texts.get(hash) ?? "";
    },
  };
}

const result = (output: unknown): MessageFromAgent => ({
  type: "TASK_RESULT",
  plan_id: "p",
  task_id: "t",
  payload: { attempt: 1, lease_token: "l", output, run_ms: 1 },
});

const request = (params: unknown, checkpoints: readonly unknown[]): MessageToAgent => ({
  type: "TASK_REQUEST",
  plan_id: "p",
  task_id: "t",
  payload: {
    attempt: 2,
    lease_token: "l",
    capability: "a.b",
    params,
    labels: [],
    generation: 1,
    timeout_ms: 1,
    idempotency_key: "k",
    fs_roots: [],
    checkpoints,
  },
});

describe("large values", () => {
  it.each([["a short text"], [{ list: [1, 2, 3] }], [null]])("leaves %j in its envelope", (output) => {
    const blobs = memoryBlobs();
    expect(packLarge(result(output), blobs)).toEqual(result(output));
    expect(blobs.texts.size).toBe(0);
  });

  it.each([
    ["one long text", "x".repeat(200_000)],
    ["many short ones", Array.from({ length: 50_000 }, (_, index) => `item ${index}`)],
    ["many numbers", { numbers: Array.from({ length: 50_000 }, (_, index) => index) }],
    ["long keys", Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`${"k".repeat(60)}${index}`, index]))],
  ])("[W8] brings %s across through a blob, unchanged", async (_what, output) => {
    const blobs = memoryBlobs();
    const packed = await packLarge(result(output), blobs);
    expect(packed.payload).toMatchObject({ output: null, output_ref: "sha256:0" });
    expect(await unpackLarge(packed, blobs)).toEqual(result(output));
  });

  it.each([
    ["many checkpoints", "a", Array.from({ length: 200 }, () => "x".repeat(1000)), ["checkpoints_ref"]],
    [
      "params and checkpoints that fit only apart",
      "x".repeat(100_000),
      ["x".repeat(4000), ...Array.from({ length: 30 }, () => "y".repeat(1000))],
      ["checkpoints_ref"],
    ],
    [
      "large params and many checkpoints",
      "x".repeat(200_000),
      Array.from({ length: 200 }, () => "x".repeat(1000)),
      ["checkpoints_ref", "params_ref"],
    ],
  ])("[W8] brings %s of a request across, unchanged", async (_what, params, checkpoints, refs) => {
    const blobs = memoryBlobs();
    const packed = await packLarge(request(params, checkpoints), blobs);
    expect(Object.keys(packed.payload).filter((name) => name.endsWith("_ref"))).toEqual(refs);
    expect(JSON.stringify(packed).length).toBeLessThan(128 * 1024);
    expect(await unpackLarge(packed, blobs)).toEqual(request(params, checkpoints));
  });

  it("[W8] keeps the order of messages although an earlier one has to wait", async () => {
    const gate = Promise.withResolvers<number>();
    const got: number[] = [];
    const send = inOrder<number>(
      (value) => (value === 1 ? gate.promise : value),
      (value) => got.push(value),
      () => undefined,
    );
    send(0);
    send(1);
    send(2);
    expect(got).toEqual([0]);
    gate.resolve(1);
    await gate.promise;
    while (got.length < 3) await Promise.resolve();
    send(3);
    while (got.length < 4) await Promise.resolve();
    expect(got).toEqual([0, 1, 2, 3]);
  });

  it("goes on with the next message when one cannot be brought across", async () => {
    const failed: number[] = [];
    const got: number[] = [];
    const send = inOrder<number>(
      (value) => (value === 1 ? Promise.reject(new Error("no disk")) : value),
      (value) => got.push(value),
      (_error, value) => failed.push(value),
    );
    send(1);
    send(2);
    while (got.length < 1) await Promise.resolve();
    expect([failed, got]).toEqual([[1], [2]]);
  });
});
