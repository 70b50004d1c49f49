// The ends of recently written streams, bounded. Losing an entry costs one read; a wrong entry would break a chain, so it is dropped whole on any doubt.

export interface StreamEnd {
  /** The integer that stands for the stream in the event table; undefined until its first event is written. */
  stream: number | undefined;
  lastSeq: number;
  /** Leaf hash of the last event; undefined before the first. */
  lastLeaf: Uint8Array | undefined;
}

/** Two generations: when the young one is full it becomes the old one, and the old one is dropped. Constant time, no list to keep. */
export class StreamCache {
  readonly #maxYoung: number;
  #young = new Map<string, StreamEnd>();
  #old = new Map<string, StreamEnd>();

  constructor(maxEntries: number) {
    this.#maxYoung = Math.max(1, Math.floor(maxEntries / 2));
  }

  get(planId: string): StreamEnd | undefined {
    const young = this.#young.get(planId);
    if (young !== undefined) return young;
    const old = this.#old.get(planId);
    if (old !== undefined) this.set(planId, old);
    return old;
  }

  set(planId: string, end: StreamEnd): void {
    if (this.#young.size >= this.#maxYoung) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(planId, end);
  }
}
