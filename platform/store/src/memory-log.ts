// The event log in memory: the reference for what the port means. Deterministic: it reads no clock and no timer.

import { formatSalt, logId, payloadCommitment, SALT_BYTES, signTreeHead, type TreeHead } from "@kos/evidence";
import { KosError, merkleRoot } from "@kos/klp";
import { checkEvent, checkPartition, mayAppend } from "./check-commit.ts";
import type {
  Claim,
  Commit,
  CommitOutcome,
  Damage,
  EventLog,
  LogCut,
  NewEvent,
  RowChange,
  StoredEvent,
  StreamQuery,
  TreePlace,
} from "./event-log.ts";
import type { LogSigner } from "./log-signer.ts";
import { type SealedEvent, sealEvent } from "./seal-event.ts";
import { TILE_LEAVES } from "./sqlite-log-schema.ts";

/** Where the row changes of a commit go: all of them or, when it throws, none. */
export interface RowSink {
  apply(changes: readonly RowChange[]): void;
}

export interface MemoryLogOptions {
  readonly signer: LogSigner;
  /** Salts. */
  readonly randomBytes: (length: number) => Uint8Array;
  readonly rows?: RowSink;
  /** When pending appends are committed; default: in a microtask. */
  readonly schedule?: (commitPending: () => void) => void;
}

interface Kept extends NewEvent {
  readonly position: number;
  forgotten: boolean;
  /** Made when first read: most tests never do. */
  sealed?: Sealed;
}

type Sealed = SealedEvent & { readonly salt: Uint8Array };

interface Partition {
  epoch: number;
  /** Events before this position are not given out any more. Their leaves are kept: this driver saves no space. */
  cut: number;
  readonly events: Kept[];
  readonly streams: Map<string, Kept[]>;
}

interface Pending {
  readonly commit: Commit;
  readonly resolve: (outcome: CommitOutcome) => void;
  readonly reject: (error: unknown) => void;
}

export class MemoryLog implements EventLog {
  readonly #options: MemoryLogOptions;
  readonly #partitions = new Map<number, Partition>();
  readonly #listeners = new Set<(hint: { readonly partition: number; readonly version: number }) => void>();
  #pending: Pending[] = [];
  #scheduled = false;

  constructor(options: MemoryLogOptions) {
    this.#options = options;
  }

  /** `claim`, at once. */
  claimNow(partition: number): Claim {
    const state = this.#partition(partition);
    state.epoch++;
    return { epoch: state.epoch, version: state.events.length };
  }

  /** `append`, at once: what it returns is durable. @throws KosError as `append`. */
  appendNow(commit: Commit): CommitOutcome {
    const state = this.#partition(commit.partition);
    if (!mayAppend(commit, { epoch: state.epoch, version: state.events.length })) return { outcome: "fenced", epoch: state.epoch };
    const lastSeqs = new Map<string, number>();
    for (const event of commit.events) {
      checkEvent(event, lastSeqs.get(event.plan_id) ?? state.streams.get(event.plan_id)?.length ?? 0);
      lastSeqs.set(event.plan_id, event.plan_seq);
    }
    if (commit.rows.length > 0) this.#rowSink().apply(commit.rows);
    for (const event of commit.events) {
      const kept: Kept = { ...event, position: state.events.length, forgotten: false };
      state.events.push(kept);
      const stream = state.streams.get(event.plan_id);
      if (stream === undefined) state.streams.set(event.plan_id, [kept]);
      else stream.push(kept);
    }
    if (commit.events.length > 0) this.#hint({ partition: commit.partition, version: state.events.length });
    return { outcome: "committed", version: state.events.length };
  }

  /**
   * The power goes: of the appends not yet acknowledged the first `kept` are found durable afterwards, the others are gone. Their
   * promises never settle, as after a real crash.
   */
  crash(kept = 0): void {
    const lost = this.#pending;
    this.#pending = [];
    for (const { commit } of lost.slice(0, kept)) {
      try {
        this.appendNow(commit);
      } catch {
        // It would have been refused; whoever sent it is gone.
      }
    }
  }

  async claim(partition: number): Promise<Claim> {
    this.flush();
    return this.claimNow(partition);
  }

  append(commit: Commit): Promise<CommitOutcome> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ commit, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      (this.#options.schedule ?? queueMicrotask)(() => {
        this.#scheduled = false;
        this.flush();
      });
    });
  }

  async readStream(query: StreamQuery): Promise<readonly StoredEvent[]> {
    const from = (query.from_seq ?? 1) - 1;
    const { cut, streams } = this.#partition(query.partition);
    const stream = streams.get(query.plan_id) ?? [];
    return stream
      .filter(({ position }) => position >= cut)
      .filter(({ plan_seq: seq }) => seq > from)
      .slice(0, query.limit)
      .map((event) => this.#stored(query.partition, event));
  }

  async readPartition(query: {
    readonly partition: number;
    readonly from: number;
    readonly limit: number;
  }): Promise<readonly StoredEvent[]> {
    const { cut, events: all } = this.#partition(query.partition);
    const from = Math.max(query.from, cut);
    const events = all.slice(from, from + query.limit);
    return events.map((event) => this.#stored(query.partition, event));
  }

  watch(listener: (hint: { readonly partition: number; readonly version: number }) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async head(partition: number): Promise<TreeHead | undefined> {
    const leaves = this.#leaves(partition);
    if (leaves.length === 0) return undefined;
    const { signer } = this.#options;
    return signTreeHead(logId(signer.did, partition), leaves.length, merkleRoot(leaves), signer.sign);
  }

  async nodes(partition: number, places: readonly TreePlace[]): Promise<readonly Uint8Array[]> {
    const leaves = this.#leaves(partition);
    return places.map(({ level, index }) => {
      const width = 2 ** level;
      const covered = leaves.slice(index * width, (index + 1) * width);
      if (covered.length === width) return merkleRoot(covered);
      throw new KosError("NOT_FOUND", `The tree of partition ${partition} has no complete node ${index} on level ${level}.`);
    });
  }

  async damage(): Promise<readonly Damage[]> {
    return [];
  }

  async forget(stream: { readonly partition: number; readonly plan_id: string }): Promise<number> {
    let forgotten = 0;
    for (const event of this.#partition(stream.partition).streams.get(stream.plan_id) ?? []) {
      this.#seal(stream.partition, event);
      if (!event.forgotten) forgotten++;
      event.forgotten = true;
    }
    return forgotten;
  }

  async cut(partition: number): Promise<LogCut> {
    const state = this.#partition(partition);
    const kept = state.events.findIndex(({ position, forgotten }) => position >= state.cut && !forgotten);
    // As a driver with groups does: never the newest event.
    const limit = Math.min(kept < 0 ? state.events.length : kept, Math.max(0, state.events.length - 1));
    const size = Math.floor(limit / TILE_LEAVES) * TILE_LEAVES;
    if (size <= state.cut) return { size: state.cut, removed: 0 };
    const removed = size - state.cut;
    state.cut = size;
    return { size, removed };
  }

  /** Commits what is pending now, without waiting for the schedule. */
  flush(): void {
    const group = this.#pending;
    this.#pending = [];
    for (const { commit, resolve, reject } of group) {
      try {
        resolve(this.appendNow(commit));
      } catch (error) {
        reject(error);
      }
    }
  }

  #hint(hint: { readonly partition: number; readonly version: number }): void {
    // In a turn of its own: what a listener throws is not the commit's trouble.
    for (const listener of this.#listeners) queueMicrotask(() => listener(hint));
  }

  #partition(partition: number): Partition {
    let state = this.#partitions.get(partition);
    if (state === undefined) {
      checkPartition(partition);
      this.#partitions.set(partition, (state = { epoch: 0, cut: 0, events: [], streams: new Map() }));
    }
    return state;
  }

  #rowSink(): RowSink {
    if (this.#options.rows === undefined)
      throw new KosError("BAD_REQUEST", "This log in memory was opened without tables, so a commit cannot change rows.");
    return this.#options.rows;
  }

  #leaves(partition: number): Uint8Array[] {
    return this.#partition(partition).events.map((event) => this.#seal(partition, event).leaf);
  }

  #seal(partition: number, event: Kept): Sealed {
    const stream = this.#partition(partition).streams.get(event.plan_id) ?? [];
    let sealed = event.sealed;
    // Earlier events first, from the last sealed one on; not by recursion, for a stream can be long.
    let first = event.plan_seq - 1;
    while (first > 0 && stream[first - 1]?.sealed === undefined) first--;
    let prev = stream[first - 1]?.sealed?.leaf;
    for (const unsealed of stream.slice(first, event.plan_seq)) {
      if (unsealed.sealed === undefined) {
        const salt = this.#options.randomBytes(SALT_BYTES);
        unsealed.sealed = { ...sealEvent(unsealed, partition, prev, payloadCommitment(salt, unsealed.payload)), salt };
      }
      sealed = unsealed.sealed;
      prev = sealed.leaf;
    }
    if (sealed === undefined) throw new KosError("INTERNAL", "An event is not in its own stream.");
    return sealed;
  }

  #stored(partition: number, event: Kept): StoredEvent {
    const { header, salt } = this.#seal(partition, event);
    return {
      partition,
      position: event.position,
      plan_id: event.plan_id,
      plan_seq: event.plan_seq,
      type: event.type,
      at: event.at,
      header,
      payload: event.forgotten ? null : event.payload,
      salt: event.forgotten ? null : formatSalt(salt),
    };
  }
}
