// Manners towards one host, whoever in this process asks: how many requests at once, how long between two, and not before it said so.

import { KosError } from "@kos/klp";
import { throwIfAborted } from "../../task-error.ts";

export interface Manners {
  /** Between the starts of two requests to one host. */
  readonly delayMs: number;
  readonly maxConcurrent: number;
}

export interface HostGate {
  /** Resolves when the request may start; dispose of what it gives when the request is over. Errors: the signal's reason, CANCELLED. */
  enter(host: string, manners: Manners, signal: AbortSignal): Promise<Disposable>;
  /** Nobody enters before that time. */
  pause(host: string, untilMs: number): void;
}

export interface GateClock {
  now(): number;
  /** Runs `callback` once after `delayMs`, unless the returned function is called before. */
  after(delayMs: number, callback: () => void): () => void;
}

interface Waiter {
  readonly manners: Manners;
  readonly admit: () => void;
}

interface Host {
  active: number;
  /** No request starts before. */
  notBeforeMs: number;
  lastStartMs: number;
  readonly waiting: Waiter[];
  cancelTimer: (() => void) | undefined;
}

/** Hosts that nobody asks for are forgotten past this number, the ones idle longest first. */
const MAX_HOSTS = 10_000;

export function createHostGate(clock: GateClock): HostGate {
  const hosts = new Map<string, Host>();

  function hostOf(name: string): Host {
    const known = hosts.get(name);
    if (known !== undefined) return known;
    if (hosts.size >= MAX_HOSTS) forgetIdle();
    const host: Host = { active: 0, notBeforeMs: 0, lastStartMs: Number.NEGATIVE_INFINITY, waiting: [], cancelTimer: undefined };
    hosts.set(name, host);
    return host;
  }

  function forgetIdle(): void {
    const now = clock.now();
    for (const [name, host] of hosts) {
      if (host.active === 0 && host.waiting.length === 0 && host.notBeforeMs <= now) hosts.delete(name);
      if (hosts.size < MAX_HOSTS / 2) return;
    }
  }

  /** Lets in whoever may go now, and sets a timer for the next one. */
  function admitFrom(host: Host): void {
    host.cancelTimer?.();
    host.cancelTimer = undefined;
    for (let next = host.waiting[0]; next !== undefined; next = host.waiting[0]) {
      if (host.active >= next.manners.maxConcurrent) return;
      const waitMs = Math.max(host.notBeforeMs, host.lastStartMs + next.manners.delayMs) - clock.now();
      if (waitMs > 0) {
        host.cancelTimer = clock.after(waitMs, () => admitFrom(host));
        return;
      }
      host.waiting.shift();
      host.active += 1;
      host.lastStartMs = clock.now();
      next.admit();
    }
  }

  return {
    async enter(name, manners, signal) {
      throwIfAborted(signal);
      const host = hostOf(name);
      const admitted = Promise.withResolvers<void>();
      const waiter: Waiter = { manners, admit: admitted.resolve };
      const leave = () => {
        const place = host.waiting.indexOf(waiter);
        if (place < 0) return;
        host.waiting.splice(place, 1);
        admitted.reject(new KosError("CANCELLED", "The task was cancelled while it waited for its turn at a host."));
        admitFrom(host);
      };
      signal.addEventListener("abort", leave, { once: true });
      host.waiting.push(waiter);
      admitFrom(host);
      try {
        await admitted.promise;
      } finally {
        signal.removeEventListener("abort", leave);
      }
      let open = true;
      return {
        [Symbol.dispose]() {
          if (!open) return;
          open = false;
          host.active -= 1;
          admitFrom(host);
        },
      };
    },
    pause(name, untilMs) {
      const host = hostOf(name);
      host.notBeforeMs = Math.max(host.notBeforeMs, untilMs);
      admitFrom(host);
    },
  };
}
