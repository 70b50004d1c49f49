// A host for calls of a capability in this very process: artifacts in memory, no engine, no proofs. What a capability costs by itself.

import { createHash } from "node:crypto";
import type { Agent, ArtifactSink, CapabilityContext } from "@kos/agent";

export interface MemoryHost {
  call(name: string, params: object): Promise<unknown>;
}

export function memoryHost(agents: readonly Agent[], fsRoots: readonly string[]): MemoryHost {
  const blobs = new Map<string, Uint8Array>();
  const silent = () => undefined;
  const artifacts: ArtifactSink = {
    async put({ name, media_type, content }) {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      const hash = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      blobs.set(hash, bytes);
      return { name, media_type, bytes: bytes.length, hash };
    },
    async get(hash) {
      const bytes = blobs.get(hash);
      if (bytes === undefined) throw new Error(`there is no artifact ${hash}`);
      return bytes;
    },
  };
  const context: CapabilityContext = {
    call: { plan_id: "bench", task_id: "bench", attempt: 1, generation: 1, trace_id: "bench" },
    signal: new AbortController().signal,
    idempotencyKey: "bench",
    fsRoots,
    checkpoints: [],
    log: { debug: silent, info: silent, warn: silent, error: silent },
    artifacts,
    progress: silent,
    beginEffect: async () => undefined,
    checkpoint: async () => undefined,
    now: Date.now,
  };
  return {
    async call(name, params) {
      const capability = agents.map(({ capabilities }) => capabilities.get(name)).find((found) => found !== undefined);
      if (capability === undefined) throw new Error(`no agent offers ${name}`);
      return capability.run(params, context);
    },
  };
}
