import { join } from "node:path";
import type { LogRecord } from "@kos/api";
import { planView } from "@kos/api/scripted-run.fixture";
import { expect, it } from "vitest";
import { runKai } from "../kai.ts";
import { startFakeNode } from "../testing/fake-node.ts";
import { createTestMachine } from "../testing/test-machine.ts";

const record = (second: number, message: string): LogRecord => ({
  at: `2026-11-22T12:00:0${second}.000Z`,
  level: "info",
  message,
  agent: "node",
});

it("kai logs --follow shows each record once, those of the last moment shown included, until Ctrl-C", async () => {
  const machine = await createTestMachine();
  const written = [record(1, "one"), record(2, "two")];
  const later = [[record(2, "two as well")], [], [record(3, "three")]];
  await using _ = await startFakeNode({
    dataFolder: join(machine.cwd, "data"),
    view: planView([]),
    logs: ({ since }) => written.filter(({ at }) => since === undefined || at >= since),
  });
  const code = await runKai(["logs", "--follow", "--json", "--data", "data"], {
    ...machine,
    async pause(_ms, signal) {
      const more = later.shift();
      if (more === undefined) machine.interrupt();
      else written.push(...more);
      signal?.throwIfAborted();
    },
  });
  expect(code).toBe(0);
  expect(machine.jsonLines().map(({ message }) => message)).toEqual(["one", "two", "two as well", "three"]);
});
