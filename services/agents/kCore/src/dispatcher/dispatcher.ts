// Gives out the slots in which calls run: bounded per agent and per capability, fair across plans, guarded by the breaker. It decides who
// may be dispatched next, never what; one for an engine, shared by its partitions.

import type { AgentRegistry } from "../registry/agent-registry.ts";
import { Breaker, type BreakerLimits } from "./breaker.ts";
import { Fifo } from "./fifo.ts";

/** A place for one call, held until it has ended. */
export interface Slot {
  readonly agent: string;
  readonly capability: string;
  readonly local: boolean;
}

/** What a call needs a slot for: a capability, on one agent where the plan names it. Calls of one kind wait in one line. */
export interface CallKind {
  readonly key: string;
  readonly capability: string;
  readonly agent: string | undefined;
}

/** A partition whose plans may wait for slots. */
export interface Waiter {
  /** Dispatches at most one call of the kind. `more`: another one waits; `none`: nothing is left, or nothing may be sent now. */
  serve(planId: string, key: string, nowMs: number): "more" | "none" | "no_slot";
}

export function callKind(capability: string, agent: string | undefined): CallKind {
  return { key: agent === undefined ? capability : `${capability}@${agent}`, capability, agent };
}

interface Waiting {
  readonly waiter: Waiter;
  readonly planId: string;
}

export class Dispatcher {
  readonly #registry: AgentRegistry;
  readonly #breaker: Breaker;
  readonly #onInFlight: ((capability: string, count: number) => void) | undefined;
  readonly #inFlight = new Map<string, number>();
  readonly #rings = new Map<string, { readonly queue: Fifo<Waiting>; readonly known: Set<string> }>();
  #freed = false;
  #closed = false;

  /** `onInFlight`: told whenever the calls in flight of a capability have become more or fewer. */
  constructor(registry: AgentRegistry, limits: BreakerLimits, onInFlight?: (capability: string, count: number) => void) {
    this.#registry = registry;
    this.#breaker = new Breaker(limits);
    this.#onInFlight = onInFlight;
  }

  /**
   * A slot for a call. A plan whose turn it is not gets none while others wait for the same kind. Undefined: wait, with `wait`.
   */
  acquire(kind: CallKind, nowMs: number, inTurn: boolean): Slot | undefined {
    const agent = this.#freeAgent(kind, nowMs, inTurn);
    return agent === undefined ? undefined : this.occupy(kind.capability, agent, nowMs);
  }

  /** Whether `acquire` would give a slot: to be asked before a call is prepared again. */
  hasRoom(kind: CallKind, nowMs: number, inTurn: boolean): boolean {
    return this.#freeAgent(kind, nowMs, inTurn) !== undefined;
  }

  /** The least loaded agent that may take the call now. */
  #freeAgent(kind: CallKind, nowMs: number, inTurn: boolean): string | undefined {
    const { capability, agent } = kind;
    if (this.#closed) return undefined;
    if (!inTurn && (this.#rings.get(kind.key)?.queue.size ?? 0) > 0) return undefined;
    const offer = this.#registry.offer(capability);
    if (offer === undefined || !this.#breaker.allows(capability, nowMs)) return undefined;
    const bound = offer.description.max_concurrent;
    if (bound > 0 && this.inFlight(capability) >= bound) return undefined;
    let best: string | undefined;
    let bestLoad = Number.POSITIVE_INFINITY;
    for (const id of this.#registry.agentsFor(capability)) {
      if (agent !== undefined && agent !== id) continue;
      const record = this.#registry.agent(id);
      if (record === undefined || !this.#registry.isUsable(record) || record.inFlight >= record.registration.maxTasks) continue;
      const load = record.inFlight / record.registration.maxTasks;
      if (load >= bestLoad) continue;
      best = id;
      bestLoad = load;
    }
    return best;
  }

  /** Takes a slot without asking: for calls that run already when their plan is loaded. */
  occupy(capability: string, agent: string, nowMs: number): Slot {
    const record = this.#registry.agent(agent);
    this.#registry.count(agent, 1, nowMs);
    this.#count(capability, 1);
    this.#breaker.sent(capability);
    return { agent, capability, local: record?.registration.local ?? false };
  }

  /** True when this failure opened the capability's circuit. */
  release(slot: Slot, outcome: "ok" | "failed" | "neutral", nowMs: number): boolean {
    this.#registry.count(slot.agent, -1, nowMs);
    this.#count(slot.capability, -1);
    this.#freed = true;
    return this.#breaker.ended(slot.capability, outcome, nowMs);
  }

  #count(capability: string, change: 1 | -1): void {
    const count = Math.max(0, this.inFlight(capability) + change);
    this.#inFlight.set(capability, count);
    this.#onInFlight?.(capability, count);
  }

  inFlight(capability: string): number {
    return this.#inFlight.get(capability) ?? 0;
  }

  /** The plan is served in its turn once there is room. Asking twice is asking once. */
  wait(key: string, waiter: Waiter, planId: string): void {
    let ring = this.#rings.get(key);
    if (ring === undefined) this.#rings.set(key, (ring = { queue: new Fifo(), known: new Set() }));
    if (ring.known.has(planId)) return;
    ring.known.add(planId);
    ring.queue.push({ waiter, planId });
  }

  /** Something changed that may make room: an agent came, went on or an open circuit may be probed. */
  poke(): void {
    this.#freed = true;
  }

  /** Serves waiting plans, one call each in turn, as long as there is room. Called at the end of a turn, never from within `serve`. */
  pump(nowMs: number): void {
    while (this.#freed) {
      this.#freed = false;
      for (const [key, ring] of this.#rings) {
        for (let next = ring.queue.first; next !== undefined; next = ring.queue.first) {
          const outcome = next.waiter.serve(next.planId, key, nowMs);
          if (outcome === "no_slot") break;
          ring.queue.shift();
          ring.known.delete(next.planId);
          if (outcome === "more") this.wait(key, next.waiter, next.planId);
        }
      }
    }
  }

  /** The partition has stopped: its plans wait no more. */
  forget(waiter: Waiter): void {
    for (const ring of this.#rings.values()) {
      for (let left = ring.queue.size; left > 0; left--) {
        const next = ring.queue.shift();
        if (next === undefined) break;
        if (next.waiter === waiter) ring.known.delete(next.planId);
        else ring.queue.push(next);
      }
    }
  }

  /** Gives out nothing from here on. */
  close(): void {
    this.#closed = true;
  }

  /** When an open circuit lets a probe through. */
  nextProbeMs(): number | undefined {
    return this.#breaker.nextProbeMs();
  }
}
