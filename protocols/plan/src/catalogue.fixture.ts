// Capabilities for tests: closed and open outputs, sinks, effects.

import type { CapabilityCatalogue, CapabilityShape } from "./capability-shape.ts";
import type { PlanGraph, Task } from "./plan.ts";

function shape(name: string, fields: Partial<CapabilityShape> = {}): CapabilityShape {
  return {
    name,
    input: { type: "object", additionalProperties: true },
    output: {},
    effects: [],
    idempotent: true,
    timeout_ms: 60_000,
    retry: { max_attempts: 3 },
    cost: 1,
    output_labels: [],
    ...fields,
  };
}

const closed = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

const FILE = closed({ path: { type: "string" }, bytes: { type: "integer" } }, ["path", "bytes"]);

const CAPABILITIES: readonly CapabilityShape[] = [
  shape("test.echo"),
  shape("fs.scan", {
    input: closed(
      {
        path: { type: "string", minLength: 1, description: "The folder to read." },
        max_files: { type: "integer", minimum: 1 },
        mode: { enum: ["fast", "full"] },
        include: { type: "array", items: { type: "string" } },
      },
      ["path"],
    ),
    output: closed({
      files: { type: "array", items: FILE },
      files_total: { type: "integer" },
      root: { type: "string" },
      note: { anyOf: [{ type: "string" }, { type: "null" }] },
    }),
    effects: ["fs.read"],
    output_labels: ["untrusted"],
  }),
  shape("code.metrics", {
    input: closed({ files: { type: "array", items: FILE } }, ["files"]),
    output: { type: "object", properties: { lines: { type: "integer" } } },
    effects: ["fs.read"],
  }),
  shape("http.request", {
    input: closed(
      {
        url: { type: "string", "x-kos-sink": "control" },
        method: { enum: ["GET", "POST"] },
        body: { type: "string", "x-kos-sink": "content" },
        headers: { type: "object", additionalProperties: { type: "string" }, "x-kos-sink": "control" },
      },
      ["url"],
    ),
    output: closed({ status: { type: "integer" }, body: { type: "string" } }),
    effects: ["net.read", "net.write"],
    idempotent: false,
    output_labels: ["untrusted"],
    effectsOf: (params) => (params["method"] === undefined || params["method"] === "GET" ? ["net.read"] : ["net.read", "net.write"]),
  }),
  shape("vault.get", { output: closed({ value: { type: "string" } }), effects: ["vault.read"], output_labels: ["confidential"] }),
  shape("sys.exec", {
    input: closed({ argv: { type: "array", items: { type: "string" }, "x-kos-sink": "control" }, stdin: { type: "string" } }, ["argv"]),
    effects: ["exec", "fs.read"],
    idempotent: false,
  }),
  shape("human.ask", { effects: ["human"] }),
];

export const CATALOGUE: CapabilityCatalogue = new Map(CAPABILITIES.map((capability) => [capability.name, capability]));

export function task(task_id: string, capability: string, params: Record<string, unknown> = {}, fields: Partial<Task> = {}): Task {
  return { task_id, title: `Do ${task_id}`, capability, params, depends_on: [], ...fields };
}

export function graph(tasks: readonly Task[], fields: Partial<PlanGraph> = {}): PlanGraph {
  return { goal: "test", strategy: "explicit", tasks: [...tasks], output: null, ...fields };
}
