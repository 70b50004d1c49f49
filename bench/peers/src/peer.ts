// What every system does for the comparison, in the same shape: plans of sequential steps, and one step fanned out and joined. Types only.

export interface PlanRun {
  readonly steps: number;
  readonly elapsedMs: number;
  /** Of every step: from the end of the one before (or the start of the plan) to its own. */
  readonly latenciesMs: readonly number[];
}

export interface Peer {
  readonly name: string;
  /** For people: what is on disk when a step counts as done. */
  readonly durable: string;
  /** Whether each step is synced to disk before the next begins. */
  readonly isFsynced: boolean;
  /** Starts its services below the folder, on free ports. Throws a MissingService where something it needs is not on this machine. */
  start(folder: string): Promise<void>;
  /** `plans` plans of STEPS_PER_PLAN steps, so many at once; each result is kept before the next step begins. */
  runPlans(concurrency: number, plans: number): Promise<PlanRun>;
  /** So many steps at once and their results joined; milliseconds until the join is done. */
  fanOut(steps: number): Promise<number>;
  /** Processes beside this one. */
  servers(): readonly number[];
  stop(): Promise<void>;
}

export const STEPS_PER_PLAN = 10;

/** About 200 bytes of JSON. */
export const STEP_RESULT = { ok: true, text: "x".repeat(180) } as const;
