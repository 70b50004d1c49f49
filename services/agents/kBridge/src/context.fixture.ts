// A capability's context for tests: it records marks, artifacts and what they were called for.

import { createHash } from "node:crypto";
import { type CapabilityContext, checkpointText } from "@kos/agent";

export interface TestContext extends CapabilityContext {
  /** What happened, in order: `mark`, `put <name>`, `checkpoint <canonical JSON>`. */
  readonly events: string[];
  readonly saved: Map<string, { readonly media_type: string; readonly content: Uint8Array }>;
}

export function testContext(overrides: Partial<CapabilityContext> = {}): TestContext {
  const events: string[] = [];
  const saved: TestContext["saved"] = new Map();
  const silent = () => {};
  return {
    call: { plan_id: "plan", task_id: "task", attempt: 1, generation: 0, trace_id: "" },
    signal: new AbortController().signal,
    idempotencyKey: "key-of-this-task",
    fsRoots: [],
    checkpoints: [],
    log: { debug: silent, info: silent, warn: silent, error: silent },
    artifacts: {
      async put({ name, media_type, content }) {
        const bytes = Buffer.from(content);
        events.push(`put ${name}`);
        saved.set(name, { media_type, content: bytes });
        return { name, media_type, bytes: bytes.length, hash: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
      },
      get: () => Promise.reject(new Error("not used")),
    },
    progress: silent,
    async beginEffect() {
      events.push("mark");
    },
    async checkpoint(value) {
      events.push(`checkpoint ${checkpointText(value)}`);
    },
    now: () => 0,
    events,
    saved,
    ...overrides,
  };
}
