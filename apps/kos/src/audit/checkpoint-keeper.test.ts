import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logId, signTreeHead, type TreeHead } from "@kos/evidence";
import { createNodeIdentity, isKosError } from "@kos/klp";
import type { EventLog } from "@kos/store";
import { createLogger } from "@kos/telemetry";
import { describe, expect, it } from "vitest";
import { keepCheckpoints } from "./checkpoint-keeper.ts";

const node = createNodeIdentity(new Uint8Array(32).fill(7));
const quiet = { write: () => undefined, flush: async () => undefined, [Symbol.asyncDispose]: async () => undefined };
const logger = createLogger({ sink: quiet, level: "fatal", now: () => 0 });

function headOf(size: number, filler = 1): TreeHead {
  return signTreeHead(logId(node.did, 0), size, new Uint8Array(32).fill(filler), (message) => node.sign(message));
}

function setUp() {
  const folder = mkdtempSync(join(tmpdir(), "kos-checkpoint-"));
  const path = join(folder, "heads");
  const state = { head: headOf(3), listeners: new Set<() => void>(), due: [] as (() => void)[] };
  const log = {
    head: async () => state.head,
    watch(listener: () => void) {
      state.listeners.add(listener);
      return () => state.listeners.delete(listener);
    },
  } as unknown as EventLog;
  const open = () =>
    keepCheckpoints({
      path,
      log,
      publicKey: node.publicKey,
      partitions: [0],
      logger,
      clock: {
        now: () => 0,
        after(_ms, run) {
          state.due.push(run);
          return () => undefined;
        },
      },
    });
  const sizes = () =>
    readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as TreeHead).size);
  return { state, open, sizes, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

describe("checkpoints of the log", () => {
  it("are kept at start, at most once for many commits, and at the end", async () => {
    using kept = setUp();
    const keeper = await kept.open();
    kept.state.head = headOf(9);
    for (const listener of kept.state.listeners) {
      listener();
      listener();
    }
    expect(kept.state.due).toHaveLength(1);
    kept.state.due[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    kept.state.head = headOf(12);
    await keeper[Symbol.asyncDispose]();
    expect(kept.sizes()).toEqual([3, 9, 12]);
  });

  it("[R63] refuse a log whose tail was cut off", async () => {
    using kept = setUp();
    await (await kept.open())[Symbol.asyncDispose]();
    kept.state.head = headOf(2);
    await expect(kept.open()).rejects.toSatisfy((error) => isKosError(error, "CONFLICT") && error.message.includes("cut off"));
  });

  it("[R65] refuse a log that is told in two versions, and keep both heads", async () => {
    using kept = setUp();
    await (await kept.open())[Symbol.asyncDispose]();
    kept.state.head = headOf(3, 2);
    await expect(kept.open()).rejects.toSatisfy((error) => isKosError(error, "CONFLICT") && error.message.includes("differ"));
  });
});
