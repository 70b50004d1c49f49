// A host for one call, in memory. For tests only.

import { createHash } from "node:crypto";
import { type ArtifactRef, type CapabilityContext, checkpointText, type Progress } from "@kos/agent";
import { KosError } from "@kos/klp";

export interface TestContext extends CapabilityContext {
  readonly written: readonly ArtifactRef[];
  readonly reported: readonly Progress[];
  /** What this attempt has recorded as checkpoints: `checkpoints` of the attempt after it, behind its own. */
  readonly recorded: readonly unknown[];
  /** Content of the artifact of that name, as text. */
  textOf(name: string): string;
}

export interface TestContextOptions {
  readonly fsRoots?: readonly string[];
  readonly taskId?: string;
  readonly signal?: AbortSignal;
  /** What earlier attempts recorded. */
  readonly checkpoints?: readonly unknown[];
  /** Shares the artifacts of another call. */
  readonly after?: TestContext;
}

const blobsOf = new WeakMap<CapabilityContext, Map<string, Buffer>>();

export function testContext(options: TestContextOptions = {}): TestContext {
  const blobs = (options.after && blobsOf.get(options.after)) ?? new Map<string, Buffer>();
  const written: ArtifactRef[] = [];
  const reported: Progress[] = [];
  const recorded: unknown[] = [];
  const context: TestContext = {
    call: { plan_id: "plan", task_id: options.taskId ?? "task", attempt: 1, generation: 1, trace_id: "trace" },
    signal: options.signal ?? new AbortController().signal,
    idempotencyKey: "key",
    fsRoots: options.fsRoots ?? [],
    checkpoints: options.checkpoints ?? [],
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    artifacts: {
      async put({ name, media_type, content }) {
        const bytes = Buffer.from(typeof content === "string" ? Buffer.from(content) : content);
        const ref = { name, media_type, bytes: bytes.length, hash: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
        blobs.set(ref.hash, bytes);
        written.push(ref);
        return ref;
      },
      async get(hash, { maxBytes } = {}) {
        const bytes = blobs.get(hash);
        if (bytes === undefined) throw new KosError("NOT_FOUND", "No such artifact.");
        if (maxBytes !== undefined && bytes.length > maxBytes) throw new KosError("TOO_LARGE", "The artifact is too large.");
        return bytes;
      },
    },
    progress: (progress) => reported.push(progress),
    beginEffect: async () => {},
    async checkpoint(value) {
      recorded.push(JSON.parse(checkpointText(value)));
    },
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
    written,
    reported,
    recorded,
    textOf(name) {
      const ref = written.find((artifact) => artifact.name === name);
      if (ref === undefined) throw new Error(`No artifact ${name}; there are ${written.map((artifact) => artifact.name).join(", ")}.`);
      return blobs.get(ref.hash)?.toString("utf8") ?? "";
    },
  };
  blobsOf.set(context, blobs);
  return context;
}
