import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forwardedRecords } from "./forwarded-records.ts";
import { createRedactor } from "./redactor.ts";
import { memorySink } from "./sinks.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const TAGS = { plan_id: "plan", task_id: "scan", trace_id: "t", agent: "kExecutor:files" };

function start() {
  const sink = memorySink();
  const redactor = createRedactor();
  return { forwarded: forwardedRecords({ sink, now: () => NOW, redactor }), records: sink.records, redactor };
}

describe("records of a child process", () => {
  it("[T6] keep what they say and get the tags of the work that was dispatched", () => {
    const { forwarded, records } = start();
    const record = { at: "2026-11-22T11:59:59.900Z", level: "info", message: "scanned", fields: { files: 3 } };
    forwarded.accept(record, TAGS);
    expect(records).toEqual([{ ...record, ...TAGS }]);
  });

  it("[T6] cannot claim to belong to other work or to be somebody else", () => {
    const { forwarded, records } = start();
    forwarded.accept(
      { at: "2026-11-22T11:59:59Z", level: "fatal", message: "x", plan_id: "other", task_id: "other", agent: "kCore:engine", extra: 1 },
      TAGS,
    );
    expect(records).toEqual([{ at: "2026-11-22T11:59:59Z", level: "fatal", message: "x", ...TAGS }]);
  });

  it("[T6] [R45] [R67] are cleaned anew", () => {
    const { forwarded, records, redactor } = start();
    redactor.hide("canary-4711");
    forwarded.accept({ at: "x\n", level: "loud", message: "a\nb canary-4711", fields: { password: "p", "k\n": "canary-4711" } }, TAGS);
    expect(records).toEqual([
      {
        at: "2026-11-22T12:00:00.000Z",
        level: "warn",
        message: "a\\nb [redacted]",
        ...TAGS,
        fields: { password: "[redacted]", "k\\n": "[redacted]" },
      },
    ]);
  });

  it("[T6] become a warning when they are no records, and are never lost or fatal to the receiver", () => {
    const { forwarded, records } = start();
    fc.assert(
      fc.property(fc.anything(), (raw) => {
        const before = records.length;
        forwarded.accept(raw, TAGS);
        expect(records).toHaveLength(before + 1);
        expect(records.at(-1)).toMatchObject(TAGS);
      }),
    );
    forwarded.accept("plain output", TAGS);
    expect(records.at(-1)).toMatchObject({ level: "warn", fields: { received: "plain output" } });
  });
});
