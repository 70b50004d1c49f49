// What everything in one simulated run shares: time, chance, the store, the trace, and the list of broken promises.

import { hashText } from "@kos/klp";
import type { NewEvent } from "@kos/store";
import { partitionOf } from "../partition/partition-of.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { seededRandom } from "./seeded-random.ts";
import { SimClock } from "./sim-clock.ts";
import { SimStore, type StoreFaults } from "./sim-store.ts";

/** Planted bugs, each of which the checks must find. They live in the harness; the engine has no switch for them. */
export interface PlantedFaults extends StoreFaults {
  /** Effects are let go before their commit is durable. */
  readonly earlyAck?: boolean;
  /** A dependency of a new plan is forgotten. */
  readonly dropDependency?: boolean;
  /** The mark before an effect is answered without being written. */
  readonly effectWithoutMark?: boolean;
  /** The oldest checkpoint of a call is not read back. */
  readonly loseCheckpoint?: boolean;
}

export const PARTITIONS = 3;

export class SimWorld {
  readonly clock = new SimClock();
  readonly random: SeededRandom;
  readonly store: SimStore;
  readonly planted: PlantedFaults;
  readonly violations: string[] = [];
  /** False once faults have stopped. */
  stormy = true;
  /** Called for each event when it has become durable. */
  onDurable: (event: NewEvent) => void = () => undefined;
  readonly #print: ((line: string) => void) | undefined;
  #trace = 0;
  #lines = 0;
  #ids = 0;

  constructor(seed: number, planted: PlantedFaults, print: ((line: string) => void) | undefined) {
    this.random = seededRandom(seed);
    this.planted = planted;
    this.store = new SimStore(PARTITIONS, planted);
    this.#print = print;
  }

  /** Ids that rise, in the form of UUIDv7. */
  newId(): string {
    this.#ids++;
    return `01900000-0000-7000-8000-${this.#ids.toString(16).padStart(12, "0")}`;
  }

  /** An id whose plan lies in that partition. */
  newPlanId(partition: number): string {
    for (;;) {
      const id = this.newId();
      if (partitionOf(id, PARTITIONS) === partition) return id;
    }
  }

  note(line: string): void {
    this.#lines++;
    for (let index = 0; index < line.length; index++) this.#trace = (Math.imul(this.#trace, 31) + line.charCodeAt(index)) | 0;
    this.#print?.(`${String(this.clock.steadyMs).padStart(8)} ${line}`);
  }

  violate(promise: string, detail: string): void {
    this.violations.push(`${promise} ${detail}`);
    this.note(`VIOLATION ${promise} ${detail}`);
  }

  /** Equal for equal runs. */
  get traceHash(): string {
    return hashText(`${this.#trace} ${this.#lines}`);
  }
}
