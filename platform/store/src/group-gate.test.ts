import { KosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { GroupGate } from "./group-gate.ts";
import { failed, type WriteItem, type WriteResult } from "./write-item.ts";
import type { WriterPort } from "./writer-port.ts";

interface Sent {
  readonly items: readonly WriteItem[];
  answer(results?: readonly WriteResult[]): void;
  fail(error: Error): void;
}

/** A writer that answers when the test says so. */
function open() {
  const sent: Sent[] = [];
  const port: WriterPort = {
    run: (items) =>
      new Promise((resolve, reject) => {
        sent.push({ items, answer: (results = items.map(() => ({ ok: true, value: [1] }))) => resolve(results), fail: reject });
      }),
    close: async () => undefined,
  };
  const groups: number[] = [];
  const gate = new GroupGate(port, (items) => groups.push(items.length));
  const write = () => gate.submit({ kind: "write", statements: [] });
  return { gate, sent, groups, write };
}

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("group commit", () => {
  test("[L6] requests of one turn travel together, and those that come meanwhile make the next group", async () => {
    const { sent, groups, write } = open();
    const first = Array.from({ length: 64 }, write);
    await nextTurn();
    const second = [write(), write()];
    await nextTurn();
    const third = [write()];
    await nextTurn();
    // One message is on its way; nothing overtakes it.
    expect(sent.map(({ items }) => items.length)).toEqual([64]);
    sent[0]?.answer();
    await Promise.all(first);
    expect(sent.map(({ items }) => items.length)).toEqual([64, 3]);
    sent[1]?.answer();
    await Promise.all([...second, ...third]);
    expect(groups).toEqual([64, 3]);
  });

  test("a large commit leaves while the turn goes on, and nothing overtakes what is on its way", async () => {
    const { gate, sent } = open();
    const event = { type: "t", tenant: "local", plan_id: "p", at: "2027-01-01T00:00:00Z", payload: "{}" };
    const append = (events: number) =>
      gate.submit({
        kind: "append",
        commit: {
          partition: 0,
          epoch: 1,
          expected_version: 0,
          rows: [],
          events: Array.from({ length: events }, () => ({ ...event, plan_seq: 1 })),
        },
      });
    const all = [append(1), append(64), append(64)];
    expect(sent.map(({ items }) => items.length)).toEqual([2]);
    sent[0]?.answer();
    await Promise.all(all.slice(0, 2));
    expect(sent.map(({ items }) => items.length)).toEqual([2, 1]);
    sent[1]?.answer();
    await Promise.all(all);
  });

  test("a flood is cut into groups of a bounded size", async () => {
    const { sent, write } = open();
    const all = Array.from({ length: 10_000 }, write);
    for (let group = 0; group < 3; group++) {
      await nextTurn();
      sent[group]?.answer();
    }
    await Promise.all(all);
    expect(sent.map(({ items }) => items.length)).toEqual([4096, 4096, 1808]);
  });

  test("each request gets its own answer", async () => {
    const { sent, write } = open();
    const answers = Promise.allSettled([write(), write()]);
    await nextTurn();
    sent[0]?.answer([failed(new KosError("CONFLICT", "no", { details: { at: 1 } })), { ok: true, value: [7] }]);
    expect(await answers).toMatchObject([{ reason: { code: "CONFLICT", details: { at: 1 } } }, { value: [7] }]);
  });

  test("[L17] when the writer is gone everything that waits is rejected, also what comes later", async () => {
    const { sent, write } = open();
    const answers = Promise.allSettled([write(), write()]);
    await nextTurn();
    const later = write();
    sent[0]?.fail(new KosError("UNAVAILABLE", "gone"));
    expect((await answers).map((answer) => answer.status)).toEqual(["rejected", "rejected"]);
    sent[1]?.fail(new KosError("UNAVAILABLE", "gone"));
    await expect(later).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  test("[L6] a request that cannot even be sent does no harm to the others", async () => {
    const { sent, write } = open();
    const answers = Promise.allSettled([write(), write()]);
    await nextTurn();
    sent[0]?.fail(new KosError("BAD_REQUEST", "no data"));
    await nextTurn();
    sent[1]?.fail(new KosError("BAD_REQUEST", "no data"));
    await nextTurn();
    sent[2]?.answer();
    expect((await answers).map((answer) => answer.status)).toEqual(["rejected", "fulfilled"]);
  });

  test("[L16] draining waits for what waits and what is on its way", async () => {
    const { gate, sent, write } = open();
    await gate.drained();
    const writing = write();
    let isDrained = false;
    const drained = gate.drained().then(() => (isDrained = true));
    await nextTurn();
    expect(isDrained).toBe(false);
    sent[0]?.answer();
    await Promise.all([writing, drained]);
  });
});
