// Holds what simulated agents recorded against what later attempts were given ([I15]). It believes neither the engine nor the log: only messages.

import type { MessageToAgent } from "@kos/agent";
import type { SimWorld } from "./sim-world.ts";

/** What a simulated agent records: where it stands in its task. */
export interface SimCheckpoint {
  readonly attempt: number;
  readonly n: number;
}

interface Generation {
  readonly address: string;
  /** By `attempt.n`. */
  readonly acknowledged: Map<string, SimCheckpoint>;
  /** By attempt: what its request held. */
  readonly given: Map<number, readonly SimCheckpoint[]>;
}

export class CheckpointLedger {
  readonly #generations = new Map<string, Generation>();
  /** Lease token to the generation it belongs to. */
  readonly #calls = new Map<string, Generation>();

  /** Every message that leaves an engine. */
  see(message: MessageToAgent): void {
    const { payload } = message;
    if (message.type === "TASK_REQUEST" && "capability" in payload) {
      const generation = this.#generation(`${message.plan_id}/${message.task_id}`, payload.generation);
      this.#calls.set(payload.lease_token, generation);
      generation.given.set(payload.attempt, (payload.checkpoints ?? []) as readonly SimCheckpoint[]);
    } else if (message.type === "RESULT_ACK" && "n" in payload) {
      const { attempt, n } = payload;
      this.#calls.get(payload.lease_token)?.acknowledged.set(`${attempt}.${n}`, { attempt, n });
    }
  }

  check(world: SimWorld): void {
    for (const { address, acknowledged, given } of this.#generations.values()) {
      for (const [attempt, list] of given) {
        const what = `attempt ${attempt} of ${address} was given ${list.map((one) => `${one.attempt}.${one.n}`).join(" ") || "nothing"}`;
        if (!isInOrder(list, attempt)) world.violate("[I15]", `${what}: not in order, or not once`);
        const names = new Set(list.map((one) => `${one.attempt}.${one.n}`));
        for (const [name, checkpoint] of acknowledged) {
          if (checkpoint.attempt < attempt && !names.has(name)) world.violate("[I15]", `${what}: ${name} is missing`);
        }
      }
    }
  }

  #generation(address: string, number: number): Generation {
    const key = `${address} generation ${number}`;
    let generation = this.#generations.get(key);
    if (generation === undefined) this.#generations.set(key, (generation = { address: key, acknowledged: new Map(), given: new Map() }));
    return generation;
  }
}

/** Earlier attempts in turn, each counted from 1 without a gap. */
function isInOrder(list: readonly SimCheckpoint[], before: number): boolean {
  let last: SimCheckpoint = { attempt: 0, n: 0 };
  for (const one of list) {
    const follows = one.attempt === last.attempt ? one.n === last.n + 1 : one.attempt > last.attempt && one.n === 1;
    if (!follows || one.attempt >= before) return false;
    last = one;
  }
  return true;
}
