// A planner for tests: playbooks in memory, a few capabilities.

import type { CapabilityShape } from "@kos/plan";
import type { MadePlan } from "./make-plan.ts";
import { makePlan } from "./make-plan.ts";
import type { PlanRequest } from "./plan-request.ts";
import { createPlaybookLibrary } from "./playbook-library.ts";
import type { PlaybookFile, PlaybookSource } from "./playbook-source.ts";

export function memoryPlaybooks(files: readonly PlaybookFile[]): PlaybookSource {
  const sorted = files.toSorted((a, b) => Number(a.origin === "shipped") - Number(b.origin === "shipped"));
  return { list: async () => sorted, read: async (name) => sorted.filter((file) => file.name === name) };
}

export function playbookFile(text: string, fields: Partial<PlaybookFile> = {}): PlaybookFile {
  return { name: "demo", file: "playbooks/demo.yaml", origin: "shipped", text, ...fields };
}

const open = {
  input: { type: "object" },
  output: {},
  effects: [],
  idempotent: true,
  timeout_ms: 1000,
  retry: { max_attempts: 3 },
  cost: 1,
  output_labels: [],
};

export const THIRTY_DAYS_MS = 30 * 86_400_000;

export const CATALOGUE: ReadonlyMap<string, CapabilityShape> = new Map(
  [
    { ...open, name: "test.echo" },
    {
      ...open,
      name: "fs.scan",
      input: {
        type: "object",
        properties: { path: { type: "string" }, max_files: { type: "integer" } },
        required: ["path"],
        additionalProperties: false,
      },
      output: {
        type: "object",
        properties: { files_total: { type: "integer" }, bytes_total: { type: "integer" }, files: { type: "array" } },
        additionalProperties: false,
      },
      effects: ["fs.read"],
    },
    { ...open, name: "flow.sleep", placement: "engine" as const, timeout_ms: THIRTY_DAYS_MS },
    { ...open, name: "human.ask", placement: "engine" as const, timeout_ms: THIRTY_DAYS_MS, effects: ["human"] },
    { ...open, name: "net.post", effects: ["net.write"], timeout_ms: 5000, cost: 4, retry: { max_attempts: 1 } },
  ].map((capability) => [capability.name, capability]),
);

export function plan(request: unknown, files: readonly PlaybookFile[] = []): Promise<MadePlan> {
  const library = createPlaybookLibrary(memoryPlaybooks(files));
  return makePlan(request as PlanRequest, { library, catalogue: CATALOGUE });
}

export const HEAD = `playbook: 1
name: demo
version: 1.0.0
title: Demo
description: For tests.
`;
