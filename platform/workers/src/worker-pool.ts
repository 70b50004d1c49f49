// The processes of one agent: started on first use, ended when idle, killed when a cancelled call does not let go. It moves messages and
// reports what was lost; it never repeats a call.

import type { MessageFromAgent, MessageToAgent } from "@kos/agent";

/** One child process with an open, proved link. */
export interface WorkerConnection {
  send(message: MessageToAgent): void;
  /** Ends the link; the child ends by itself. */
  close(): void;
  /** SIGKILL. */
  kill(): void;
  readonly exited: Promise<{ readonly reason: string }>;
}

export interface WorkerEvents {
  onMessage(message: MessageFromAgent, evidence: { readonly envelopeHash: string }): void;
  onHeartbeat(): void;
}

interface PoolEvents extends Omit<WorkerEvents, "onHeartbeat"> {
  /** Lease tokens of all calls in processes that have been heard of lately. */
  onHeartbeat(calls: readonly string[]): void;
}

export interface LostCall {
  readonly planId: string;
  readonly taskId: string;
  readonly leaseToken: string;
  readonly reason: string;
}

export interface WorkerPoolOptions extends PoolEvents {
  /** Processes at most. */
  readonly size: number;
  /** A process without a call for so long is ended. */
  readonly idleMs: number;
  /** From a cancel to the kill of the process that still holds the call. */
  readonly graceMs: number;
  /** A process serves only calls with the file roots it was started with, so that it can be kept from all other files. Default: no. */
  readonly perRoots?: boolean;
  /** Starts a process; messages sent before its link is proved wait in the connection. `fsRoots`: those of the call it is started for. */
  readonly start: (events: WorkerEvents, fsRoots: readonly string[]) => WorkerConnection;
  readonly onLost: (calls: readonly LostCall[]) => void;
  /** A process that has sent no heartbeat for so long is not spoken for any more. */
  readonly silentMs: number;
  readonly now: () => number;
  /** Returns the way to stop the timer. */
  readonly after: (ms: number, run: () => void) => () => void;
}

export interface WorkerPool {
  /** Processes alive now. */
  readonly processes: number;
  /** Never throws; what cannot be delivered is reported lost. */
  send(message: MessageToAgent): void;
  /** Kills every process; its calls are reported lost. The next request starts a new one. */
  restart(): void;
  /** Ends every process, waiting `graceMs` before the kill. */
  close(): Promise<void>;
}

interface Call {
  readonly planId: string;
  readonly taskId: string;
  stopTimer: (() => void) | undefined;
}

interface Worker {
  readonly connection: WorkerConnection;
  readonly calls: Map<string, Call>;
  readonly roots: string;
  /** Told to end, to make room for one with other roots. */
  isLeaving: boolean;
  heardAtMs: number;
  stopIdle: (() => void) | undefined;
}

const RESULTS: ReadonlySet<string> = new Set(["TASK_RESULT", "TASK_ERROR", "REVIEW_VERDICT", "PLAN_GRAPH"]);

export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const workers = new Set<Worker>();

  function start(fsRoots: readonly string[]): Worker {
    const calls = new Map<string, Call>();
    const events: WorkerEvents = {
      onHeartbeat() {
        worker.heardAtMs = options.now();
        options.onHeartbeat(spokenFor());
      },
      onMessage(message, evidence) {
        if (RESULTS.has(message.type)) settle(worker, message.payload.lease_token);
        options.onMessage(message, evidence);
      },
    };
    const connection = options.start(events, fsRoots);
    const worker: Worker = { connection, calls, roots: keyOf(fsRoots), isLeaving: false, heardAtMs: options.now(), stopIdle: undefined };
    workers.add(worker);
    void connection.exited.then(({ reason }) => forget(worker, reason));
    return worker;
  }

  function spokenFor(): string[] {
    const since = options.now() - options.silentMs;
    return [...workers].filter((worker) => worker.heardAtMs >= since).flatMap((worker) => [...worker.calls.keys()]);
  }

  function forget(worker: Worker, reason: string): void {
    workers.delete(worker);
    worker.stopIdle?.();
    const lost = [...worker.calls].map(([leaseToken, call]) => {
      call.stopTimer?.();
      return { planId: call.planId, taskId: call.taskId, leaseToken, reason };
    });
    worker.calls.clear();
    if (lost.length > 0) options.onLost(lost);
  }

  function settle(worker: Worker, leaseToken: string): void {
    const call = worker.calls.get(leaseToken);
    if (!call) return;
    call.stopTimer?.();
    worker.calls.delete(leaseToken);
    if (worker.calls.size === 0) worker.stopIdle = options.after(options.idleMs, () => worker.connection.close());
  }

  /**
   * The one with most room; a new process where all are full and there may be more. With `perRoots` an idle process of other roots makes
   * room; where all are busy there is for a while one more than `size`, for the caller gives out no more calls than there are places.
   */
  function choose(fsRoots: readonly string[]): Worker {
    const staying = [...workers].filter((worker) => !worker.isLeaving);
    const isFull = staying.length >= options.size;
    let best: Worker | undefined;
    for (const worker of staying) {
      if (options.perRoots === true && worker.roots !== keyOf(fsRoots)) continue;
      if (best === undefined || worker.calls.size < best.calls.size) best = worker;
    }
    if (best !== undefined && (best.calls.size === 0 || isFull)) return best;
    if (isFull) dismiss(staying.find((worker) => worker.calls.size === 0));
    return start(fsRoots);
  }

  function dismiss(worker: Worker | undefined): void {
    if (worker === undefined) return;
    worker.isLeaving = true;
    worker.stopIdle?.();
    worker.connection.close();
  }

  function holderOf(leaseToken: string): Worker | undefined {
    for (const worker of workers) {
      if (worker.calls.has(leaseToken)) return worker;
    }
    return undefined;
  }

  return {
    get processes() {
      return workers.size;
    },
    send(message) {
      const leaseToken = message.payload.lease_token;
      if (message.type === "RESULT_ACK") {
        holderOf(leaseToken)?.connection.send(message);
        return;
      }
      if (message.type === "TASK_CANCEL") {
        const worker = holderOf(leaseToken);
        const call = worker?.calls.get(leaseToken);
        if (!worker || !call || call.stopTimer) return;
        call.stopTimer = options.after(options.graceMs, () => worker.connection.kill());
        worker.connection.send(message);
        return;
      }
      const worker = choose(message.payload.fs_roots);
      worker.stopIdle?.();
      worker.stopIdle = undefined;
      worker.calls.set(leaseToken, { planId: message.plan_id, taskId: message.task_id, stopTimer: undefined });
      worker.connection.send(message);
    },
    restart() {
      for (const worker of [...workers]) worker.connection.kill();
    },
    async close() {
      const open = [...workers];
      const stops = open.map((worker) => {
        worker.connection.close();
        return options.after(options.graceMs, () => worker.connection.kill());
      });
      await Promise.all(open.map((worker) => worker.connection.exited));
      for (const stop of stops) stop();
    },
  };
}

function keyOf(fsRoots: readonly string[]): string {
  return JSON.stringify([...fsRoots].sort());
}
