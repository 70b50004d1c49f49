// One run as the console sees it: what the node says when asked, moved on by its frames, and its events as a log. It asks again whenever an
// event tells of something that frames do not carry whole: approvals, questions, outputs, the end.

import { type Client, type PlanView, type RunState, reduceFrame, runStateOf, type ServerFrame } from "@kos/api";
import { createStore, type Store } from "../data/store.ts";
import { type LogLine, logLineOf } from "./event-sentence.ts";

export interface RunFeedState {
  readonly view: PlanView | undefined;
  readonly run: RunState | undefined;
  readonly log: readonly LogLine[];
  readonly error?: unknown;
}

export interface RunFeed {
  readonly state: Store<RunFeedState>;
  take(frame: ServerFrame): void;
  /** Asks the node now. */
  refresh(): void;
  fail(error: unknown): void;
  close(): void;
}

export interface RunFeedOptions {
  readonly client: Pick<Client, "call">;
  readonly planId: string;
  /** Runs once after so many milliseconds; returns the way to call it off. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** Frames come in bursts: what they change is shown together. */
const GATHER_MS = 60;
const REFRESH_MS = 250;
/** Older lines stay on the node; the page shows what fits. */
const MOST_LINES = 20_000;
const ASK_AGAIN: ReadonlySet<string> = new Set([
  "plan.changed",
  "plan.finished",
  "plan.halted",
  "approval.requested",
  "approval.decided",
  "approval.expired",
  "input.requested",
  "input.answered",
  "input.expired",
  "subtasks.added",
  "task.in_doubt",
  "task.resolved",
  "task.failed",
]);

export function createRunFeed({ client, planId, after }: RunFeedOptions): RunFeed {
  const state = createStore<RunFeedState>({ view: undefined, run: undefined, log: [] });
  const stop = new AbortController();
  let gathered: ServerFrame[] = [];
  let cancelGather: (() => void) | undefined;
  let cancelRefresh: (() => void) | undefined;
  let isAsking = false;
  let isStale = false;

  async function ask(): Promise<void> {
    if (isAsking) {
      isStale = true;
      return;
    }
    isAsking = true;
    try {
      const view = await client.call("plan", { params: { plan_id: planId } }, { signal: stop.signal });
      if (stop.signal.aborted) return;
      const now = state.get();
      // Frames may have run ahead of this answer: then the next one counts.
      const isBehind = view.seq < Math.max(now.run?.seq ?? 0, now.log.at(-1)?.seq ?? 0);
      isStale ||= isBehind;
      state.set({ view, run: isBehind && now.run ? now.run : withProgress(runStateOf(view), now.run), log: now.log });
    } catch (error) {
      if (!stop.signal.aborted) state.set({ ...state.get(), error });
    } finally {
      isAsking = false;
    }
    if (isStale && !stop.signal.aborted) {
      isStale = false;
      askSoon();
    }
  }

  function askSoon(): void {
    cancelRefresh ??= after(REFRESH_MS, () => {
      cancelRefresh = undefined;
      void ask();
    });
  }

  function show(): void {
    cancelGather = undefined;
    const frames = gathered;
    gathered = [];
    const now = state.get();
    const seen = now.log.at(-1)?.seq ?? 0;
    const lines = frames.flatMap((frame) => logLineOf(frame) ?? []).filter((line) => line.seq > seen);
    const run = now.run && frames.reduce(reduceFrame, now.run);
    const { error: _, ...rest } = now;
    state.set({ ...rest, run, log: lines.length === 0 ? now.log : [...now.log, ...lines].slice(-MOST_LINES) });
    if (now.run !== undefined && frames.some((frame) => (frame.seq ?? 0) > (now.run?.seq ?? 0) && ASK_AGAIN.has(eventOf(frame)))) askSoon();
  }

  void ask();
  return {
    state,
    take(frame) {
      if (frame.plan_id !== planId) return;
      gathered.push(frame);
      cancelGather ??= after(GATHER_MS, show);
    },
    refresh: () => void ask(),
    fail: (error) => state.set({ ...state.get(), error }),
    close() {
      stop.abort();
      cancelGather?.();
      cancelRefresh?.();
    },
  };
}

/** The node's answer holds no progress; what was last heard of a task that still runs stays. */
function withProgress(next: RunState, before: RunState | undefined): RunState {
  if (before === undefined) return next;
  const tasks = new Map(next.tasks);
  for (const [taskId, row] of next.tasks) {
    const { progress } = before.tasks.get(taskId) ?? {};
    if (progress !== undefined && row.status === "running") tasks.set(taskId, { ...row, progress });
  }
  return { ...next, tasks };
}

function eventOf({ payload }: ServerFrame): string {
  const { data } = payload;
  if (typeof data !== "object" || data === null || !("event" in data)) return "";
  return typeof data.event === "string" ? data.event : "";
}
