// What agents report while they work on a run: records of the node's log, those that were written and then those that are. Topics over many
// plans have no past, so the written ones are read each time the connection is there again.

import type { Client, LogRecord, ServerFrame } from "@kos/api";
import { createStore, type Store } from "../data/store.ts";

interface AgentLogState {
  /** Oldest first; undefined until they were read. */
  readonly records: readonly LogRecord[] | undefined;
  readonly error?: unknown;
}

export interface AgentLog {
  readonly state: Store<AgentLogState>;
  take(frame: ServerFrame): void;
  /** Reads what was written; never rejects. */
  load(): Promise<void>;
}

/** What one question to the node brings at most. */
const PAGE = 500;
/** Older ones stay on the node. */
const MOST_RECORDS = 2_000;

export function createAgentLog({ client, planId }: { readonly client: Pick<Client, "call">; readonly planId: string }): AgentLog {
  const state = createStore<AgentLogState>({ records: undefined });
  return {
    state,
    take(frame) {
      if (frame.type !== "LOG" || frame.plan_id !== planId) return;
      state.set({ records: joined(state.get().records ?? [], [frame.payload.data as LogRecord]) });
    },
    async load() {
      try {
        const { items } = await client.call("logs", { query: { plan_id: planId, limit: PAGE } });
        // What came over the connection meanwhile is newer than what was read, or the same.
        state.set({ records: joined(items, state.get().records ?? []) });
      } catch (error) {
        state.set({ ...state.get(), error });
      }
    },
  };
}

/** `attempt=1 error=UNAVAILABLE: no answer`; an error by its code and message. */
export function fieldsText(fields: Readonly<Record<string, unknown>> = {}): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(" ");
}

function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  const { code, message } = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  if (typeof message === "string") return typeof code === "string" ? `${code}: ${message}` : message;
  return JSON.stringify(value) ?? "";
}

/** A record has no number; the same text at the same moment is the same record. */
function joined(before: readonly LogRecord[], after: readonly LogRecord[]): readonly LogRecord[] {
  const known = new Map([...before, ...after].map((record) => [JSON.stringify(record), record]));
  return [...known.values()].sort((left, right) => left.at.localeCompare(right.at)).slice(-MOST_RECORDS);
}
