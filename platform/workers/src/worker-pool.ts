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
  /** Its link has been proved, or it has said that it lives. */
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
  /** Processes at most, of those that answer; as many may be on their way out beside them. */
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
  /** A process that has sent nothing for so long is not spoken for any more, and gets no new calls. */
  readonly silentMs: number;
  /** A process that has not proved its link so long after its start is killed. */
  readonly proveMs: number;
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
  /** Calls among them that were cancelled and have not answered. */
  stopping: number;
  heardAtMs: number;
  /** It was told to end, or killed. */
  leaving: boolean;
  /** Until it has proved its link. */
  stopProving: (() => void) | undefined;
  stopIdle: (() => void) | undefined;
}

/** Processes that no longer answer are replaced before they have ended, but not without bound. */
const MAX_REPLACED = 2;
const RESULTS: ReadonlySet<string> = new Set(["TASK_RESULT", "TASK_ERROR", "REVIEW_VERDICT", "PLAN_GRAPH"]);

export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const workers = new Set<Worker>();

  function start(fsRoots: readonly string[]): Worker {
    const calls = new Map<string, Call>();
    const events: WorkerEvents = {
      onHeartbeat() {
        heard(worker);
        options.onHeartbeat(spokenFor());
      },
      onMessage(message, evidence) {
        heard(worker);
        if (RESULTS.has(message.type)) settle(worker, message.payload.lease_token);
        options.onMessage(message, evidence);
      },
    };
    const connection = options.start(events, fsRoots);
    const stopProving = options.after(options.proveMs, () => kill(worker));
    const idle = { stopping: 0, leaving: false, stopProving, stopIdle: undefined };
    const worker: Worker = { connection, calls, roots: keyOf(fsRoots), heardAtMs: options.now(), ...idle };
    workers.add(worker);
    void connection.exited.then(({ reason }) => forget(worker, reason));
    return worker;
  }

  function heard(worker: Worker): void {
    worker.heardAtMs = options.now();
    worker.stopProving?.();
    worker.stopProving = undefined;
  }

  function kill(worker: Worker): void {
    worker.leaving = true;
    worker.connection.kill();
  }

  /** Asks it to end; one that does not is killed. */
  function end(worker: Worker): void {
    worker.leaving = true;
    worker.connection.close();
    worker.stopIdle = options.after(options.graceMs, () => kill(worker));
  }

  function spokenFor(): string[] {
    const since = options.now() - options.silentMs;
    return [...workers].filter((worker) => worker.heardAtMs >= since).flatMap((worker) => [...worker.calls.keys()]);
  }

  function forget(worker: Worker, reason: string): void {
    workers.delete(worker);
    worker.stopIdle?.();
    worker.stopProving?.();
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
    if (call.stopTimer !== undefined) {
      call.stopTimer();
      worker.stopping--;
    }
    worker.calls.delete(leaseToken);
    if (worker.calls.size === 0 && !worker.leaving) worker.stopIdle = options.after(options.idleMs, () => end(worker));
  }

  /** A stopped process, or one in an endless loop, neither speaks nor answers a cancel: what is given to it is lost when it is killed. */
  function isAnswering(worker: Worker): boolean {
    return !worker.leaving && worker.stopping === 0 && worker.heardAtMs >= options.now() - options.silentMs;
  }

  function mayServe(worker: Worker, fsRoots: readonly string[]): boolean {
    return options.perRoots !== true || worker.roots === keyOf(fsRoots);
  }

  /**
   * Of those that answer and may serve the roots the one with most room; a new process where all are full, or none answers, and there may be
   * more. An idle process of other roots makes room; where there is none, there is one more for as long as it takes.
   */
  function choose(fsRoots: readonly string[]): Worker {
    const answering = [...workers].filter(isAnswering);
    const best = leastLoaded(answering.filter((worker) => mayServe(worker, fsRoots)));
    if (best?.calls.size === 0) return best;
    const isFull = answering.length >= options.size;
    const other = isFull ? answering.find((worker) => worker.calls.size === 0) : undefined;
    if (other !== undefined) {
      other.stopIdle?.();
      end(other);
    }
    const mayStart = (!isFull || other !== undefined) && workers.size < options.size * MAX_REPLACED;
    if (mayStart) return start(fsRoots);
    return best ?? leastLoaded([...workers].filter((worker) => mayServe(worker, fsRoots))) ?? start(fsRoots);
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
        call.stopTimer = options.after(options.graceMs, () => kill(worker));
        worker.stopping++;
        worker.connection.send(message);
        return;
      }
      const worker = choose(message.payload.fs_roots);
      if (!worker.leaving) worker.stopIdle?.();
      worker.calls.set(leaseToken, { planId: message.plan_id, taskId: message.task_id, stopTimer: undefined });
      worker.connection.send(message);
    },
    restart() {
      for (const worker of [...workers]) kill(worker);
    },
    async close() {
      const open = [...workers];
      for (const worker of open) {
        worker.stopIdle?.();
        end(worker);
      }
      await Promise.all(open.map((worker) => worker.connection.exited));
    },
  };
}

function keyOf(fsRoots: readonly string[]): string {
  return JSON.stringify([...fsRoots].sort());
}

function leastLoaded(workers: Iterable<Worker>): Worker | undefined {
  let best: Worker | undefined;
  for (const worker of workers) if (best === undefined || worker.calls.size < best.calls.size) best = worker;
  return best;
}
