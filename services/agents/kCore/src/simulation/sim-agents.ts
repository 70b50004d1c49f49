// Simulated agents of one engine, and the outside world their effects reach. Slow, late, repeated, failing and dying; the promise they keep
// is the kit's: no effect of a call that must not be repeated before the engine has said that its mark is on disk.

import { type MessageFromAgent, type MessageToAgent, RECONCILE_SUFFIX } from "@kos/agent";
import type { SimCheckpoint } from "./checkpoint-ledger.ts";
import type { SimWorld } from "./sim-world.ts";

type Request = Extract<MessageToAgent, { payload: { capability: string } }>;

/** Takes what agents do outside. A key it knows is a repetition. */
export class Receiver {
  readonly #world: SimWorld;
  readonly #seen = new Map<string, number>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  perform(capability: string, key: string): void {
    const count = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, count);
    this.#world.note(`effect ${capability} ${key}`);
    // One that can be asked what happened also honours the key; the other would have acted twice.
    if (count > 1 && capability === "web.post") this.#world.violate("[I4]", `effect ${key} happened ${count} times`);
  }

  knows(key: string): boolean {
    return this.#seen.has(key);
  }
}

export interface AgentHost {
  /** Brings a message to the engine that the call belongs to now. */
  deliver(agent: string, message: MessageFromAgent): void;
  lost(request: Request, reason: string): void;
  addSubtasks(request: Request): void;
}

interface Call {
  readonly request: Request;
  readonly agent: string;
  effectAllowed: (() => void) | undefined;
  performed: boolean;
  ended: boolean;
  /** Checkpoints sent; and until when the last of them is on its way, for a link keeps their order. */
  checkpoints: number;
  checkpointsUntilMs: number;
}

export class SimAgents {
  readonly #world: SimWorld;
  readonly #receiver: Receiver;
  readonly #host: AgentHost;
  readonly #calls = new Map<string, Call>();
  #dead = false;

  constructor(world: SimWorld, receiver: Receiver, host: AgentHost) {
    this.#world = world;
    this.#receiver = receiver;
    this.#host = host;
  }

  /** All processes die; what they had begun outside stays. */
  kill(): void {
    this.#dead = true;
    this.#calls.clear();
  }

  holds(token: string): boolean {
    return this.#calls.get(token)?.ended === false;
  }

  handle(agent: string, message: MessageToAgent): void {
    if (this.#dead) return;
    const token = message.payload.lease_token;
    switch (message.type) {
      case "TASK_REQUEST":
      case "REVIEW_REQUEST":
      case "PLAN_REQUEST":
        if (!this.#calls.has(token)) this.#start(agent, message);
        return;
      case "TASK_CANCEL":
        this.#cancel(token, message.payload.reason);
        return;
      case "RESULT_ACK":
        if (message.payload.of === "effect") this.#calls.get(token)?.effectAllowed?.();
        return;
    }
  }

  #start(agent: string, request: Request): void {
    const call: Call = { request, agent, effectAllowed: undefined, performed: false, ended: false, checkpoints: 0, checkpointsUntilMs: 0 };
    this.#calls.set(request.payload.lease_token, call);
    const { random, stormy } = this.#world;
    const { capability } = request.payload;
    if (capability === "poison.kill") return this.#later(random.int(1, 200), call, () => this.#die(call));
    if (capability !== "review.check" && random.chance(0.25)) this.#checkpointLater(call, random.int(1, 6));
    if (stormy && random.chance(0.04)) return; // Hangs until it is killed or given up.
    this.#later(this.#latencyMs(), call, () => this.#work(call));
  }

  #latencyMs(): number {
    const { random, stormy } = this.#world;
    if (stormy && random.chance(0.06)) return random.int(5_000, 60_000);
    return random.int(1, 150);
  }

  #work(call: Call): void {
    const { random, stormy } = this.#world;
    const { capability } = call.request.payload;
    const dice = stormy ? random.next() : 1;
    if (dice < 0.04) return this.#die(call);
    if (dice < 0.1) return this.#fail(call, "UNAVAILABLE", true);
    if (dice < 0.12) return this.#fail(call, "BAD_REQUEST", false);
    if (capability === "calc.spawn") this.#host.addSubtasks(call.request);
    if (capability === "web.post" || capability === "bank.pay" || capability === "shop.order") return this.#askForEffect(call);
    this.#succeed(call);
  }

  /** Several may be under way at once; this agent waits for none of them. */
  #checkpointLater(call: Call, left: number): void {
    const { random } = this.#world;
    this.#later(random.int(0, 60), call, () => {
      const { clock } = this.#world;
      call.checkpoints++;
      const checkpoint: SimCheckpoint = { attempt: call.request.payload.attempt, n: call.checkpoints };
      const payload = { ...this.#lease(call), checkpoint, n: call.checkpoints };
      const message: MessageFromAgent = { ...this.#address(call), type: "TASK_PROGRESS", payload };
      call.checkpointsUntilMs = Math.max(call.checkpointsUntilMs, clock.steadyMs + random.int(0, 5));
      clock.after(call.checkpointsUntilMs - clock.steadyMs, () => {
        if (!this.#dead) this.#host.deliver(call.agent, message);
      });
      if (left > 1) this.#checkpointLater(call, left - 1);
    });
  }

  #askForEffect(call: Call): void {
    call.effectAllowed = () => {
      call.effectAllowed = undefined;
      this.#later(this.#latencyMs(), call, () => this.#perform(call));
    };
    this.#send(call, { ...this.#address(call), type: "TASK_PROGRESS", payload: { ...this.#lease(call), effect: "begin" } });
  }

  #perform(call: Call): void {
    const { random, stormy } = this.#world;
    this.#receiver.perform(call.request.payload.capability, call.request.payload.idempotency_key);
    call.performed = true;
    const dice = stormy ? random.next() : 1;
    if (dice < 0.06) return this.#die(call);
    if (dice < 0.1) return; // The answer never comes.
    if (dice < 0.14) return this.#fail(call, "UNAVAILABLE", true);
    this.#later(this.#latencyMs(), call, () => this.#succeed(call));
  }

  #succeed(call: Call): void {
    const { random, stormy } = this.#world;
    const { request } = call;
    const output = this.#output(call);
    const message: MessageFromAgent = {
      ...this.#address(call),
      type: request.type === "REVIEW_REQUEST" ? "REVIEW_VERDICT" : request.type === "PLAN_REQUEST" ? "PLAN_GRAPH" : "TASK_RESULT",
      payload: { ...this.#lease(call), output, run_ms: random.int(1, 100) },
    };
    this.#end(call);
    this.#send(call, message);
    if (stormy && random.chance(0.08)) this.#world.clock.after(random.int(1, 40_000), () => this.#send(call, message));
  }

  #output(call: Call): unknown {
    const { random, stormy } = this.#world;
    const { capability, idempotency_key: key } = call.request.payload;
    if (call.request.type === "REVIEW_REQUEST") {
      const accepted = !random.chance(0.25);
      const finding = { criterion: "c", severity: "error", message: "not good enough" };
      return { accepted, score: accepted ? 1 : 0, findings: accepted ? [] : [finding], round: 1 };
    }
    if (call.request.type === "PLAN_REQUEST") return this.#anotherWay(call.request);
    const n = random.int(0, 9);
    // Some results are too large to be kept in memory and are read back from the log.
    const output = { n, list: [n, n + 1], text: random.chance(0.15) ? "x".repeat(1200) : `text ${n}` };
    if (!capability.endsWith(RECONCILE_SUFFIX)) return output;
    if (stormy && random.chance(0.2)) return { outcome: "unknown" };
    return this.#receiver.knows(key) ? { outcome: "succeeded", output } : { outcome: "not_done" };
  }

  /** Mostly sound; sometimes with more rights than the task has, with names that are taken, or no way at all. */
  #anotherWay({ task_id: taskId }: Request): unknown {
    const { random } = this.#world;
    if (random.chance(0.1)) return { nonsense: true };
    const capability = random.pick(["calc.other", "calc.other", "calc.other", "calc.pure", "bank.pay"]);
    const step = (id: string, params: object) => ({ task_id: id, title: "step", capability: "calc.pure", params, depends_on: [] });
    const [one, two] = [`${taskId}_alt_1`, random.chance(0.1) ? "t0" : `${taskId}_alt_2`];
    const steps = random.pick([[], [step(one, { value: 1 })], [step(one, { value: 1 }), step(two, { value: `\${${one}.n}` })]]);
    const params = capability.startsWith("calc") ? {} : { url: "https://x" };
    return { capability, steps, params: { ...params, ...(steps.length > 0 && { body: `\${${steps.at(-1)?.task_id ?? one}.n}` }) } };
  }

  #fail(call: Call, code: string, retryable: boolean): void {
    this.#end(call);
    this.#send(call, {
      ...this.#address(call),
      type: "TASK_ERROR",
      payload: { ...this.#lease(call), error: { code, message: `simulated ${code}`, retryable }, run_ms: 5 },
    });
  }

  /** The process dies; its host notices after a while. */
  #die(call: Call): void {
    this.#end(call);
    this.#world.note(`worker died ${call.request.plan_id} ${call.request.task_id}`);
    this.#world.clock.after(this.#world.random.int(1, 50), () => {
      if (!this.#dead) this.#host.lost(call.request, "worker died");
    });
  }

  #cancel(token: string, reason: string): void {
    const call = this.#calls.get(token);
    if (call === undefined || call.ended) return;
    // What has begun outside goes on; the answer may still come.
    if (call.performed && this.#world.random.chance(0.5)) return;
    this.#end(call);
    this.#send(call, {
      ...this.#address(call),
      type: "TASK_ERROR",
      payload: { ...this.#lease(call), error: { code: "CANCELLED", message: reason, retryable: false }, run_ms: 5 },
    });
  }

  #end(call: Call): void {
    call.ended = true;
    call.effectAllowed = undefined;
    this.#calls.delete(call.request.payload.lease_token);
  }

  #later(ms: number, call: Call, run: () => void): void {
    this.#world.clock.after(ms, () => {
      if (!this.#dead && !call.ended) run();
    });
  }

  #send(call: Call, message: MessageFromAgent): void {
    if (this.#dead) return;
    this.#world.clock.after(this.#world.random.int(0, 5), () => {
      if (!this.#dead) this.#host.deliver(call.agent, message);
    });
  }

  #lease(call: Call): { readonly attempt: number; readonly lease_token: string } {
    const { attempt, lease_token } = call.request.payload;
    return { attempt, lease_token };
  }

  #address(call: Call): { readonly plan_id: string; readonly task_id: string } {
    return { plan_id: call.request.plan_id, task_id: call.request.task_id };
  }
}
