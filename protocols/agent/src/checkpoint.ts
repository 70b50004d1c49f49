// Checkpoints of one call: numbers and sends what a capability records, and resolves each when the engine has it on disk. Bounds for both ends.

import { canonicalJson, KosError } from "@kos/klp";
import type { CheckpointWords } from "./message.ts";

/** Of one checkpoint's canonical JSON. */
export const MAX_CHECKPOINT_BYTES = 4096;
/** In one generation of a task, over all its attempts. */
export const MAX_CHECKPOINTS = 10_000;

/** The value's canonical JSON. Errors: BAD_REQUEST for what JSON cannot carry or is too large. */
export function checkpointText(value: unknown): string {
  const text = canonicalJson(value);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= MAX_CHECKPOINT_BYTES) return text;
  throw new KosError(
    "BAD_REQUEST",
    `A checkpoint has ${bytes} bytes; at most ${MAX_CHECKPOINT_BYTES} are kept. Put the rest into an artifact and record its reference.`,
    { retryable: false },
  );
}

export interface CheckpointRecorder {
  /** Sends the value as it is now. Errors: BAD_REQUEST, RESOURCE_LIMIT_EXCEEDED. */
  record(value: unknown): Promise<void>;
  /** The engine has it on disk. */
  acknowledged(n: number): void;
}

/** `given`: how many earlier attempts have recorded. */
export function createCheckpointRecorder(given: number, send: (words: CheckpointWords) => void): CheckpointRecorder {
  const waiting = new Map<number, () => void>();
  let count = 0;
  return {
    async record(value) {
      const text = checkpointText(value);
      if (given + count >= MAX_CHECKPOINTS) {
        throw new KosError(
          "RESOURCE_LIMIT_EXCEEDED",
          `This call has recorded ${MAX_CHECKPOINTS} checkpoints, which is the most. Record fewer, larger steps.`,
          { retryable: false },
        );
      }
      count++;
      const n = count;
      const durable = new Promise<void>((resolve) => waiting.set(n, resolve));
      send({ checkpoint: JSON.parse(text) as unknown, n });
      return durable;
    },
    acknowledged(n) {
      waiting.get(n)?.();
      waiting.delete(n);
    },
  };
}
