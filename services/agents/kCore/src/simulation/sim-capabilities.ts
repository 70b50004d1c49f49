// What simulated agents can do, chosen so that every rule of the engine has something to bite on.

import { type CapabilityDescription, defineCapability } from "@kos/agent";
import Type from "typebox";
import type { AgentRegistration } from "../engine-api.ts";

const Output = Type.Object({ n: Type.Integer(), list: Type.Array(Type.Integer()), text: Type.String() });
const Input = Type.Object({ value: Type.Optional(Type.Unknown()), text: Type.Optional(Type.String()) });
const Target = Type.Object({ url: Type.String({ "x-kos-sink": "control" }), body: Type.Optional(Type.Unknown()) });
const run = (): Promise<never> => Promise.reject(new Error("simulated"));
const quick = { retry: { max_attempts: 3, backoff_ms: 100, max_backoff_ms: 2000 }, timeout_ms: 20_000 } as const;

function describe(options: Omit<Parameters<typeof defineCapability>[0], "run" | "description">): CapabilityDescription {
  return defineCapability({ ...options, description: options.title, run }).description;
}

const calc = describe({ name: "calc.pure", title: "No effect", input: Input, output: Output, ...quick });
const other = describe({ name: "calc.other", title: "The same in another way", input: Input, output: Output, ...quick });
const spawn = describe({ name: "calc.spawn", title: "Adds subtasks", input: Input, output: Output, ...quick });
const poison = describe({ name: "poison.kill", title: "Kills its worker", input: Input, output: Output, ...quick });
const read = describe({
  name: "web.read",
  title: "Reads",
  input: Target,
  output: Output,
  effects: ["net.read"],
  output_labels: ["untrusted"],
  ...quick,
});
const file = describe({
  name: "file.read",
  title: "Secret",
  input: Input,
  output: Output,
  effects: ["fs.read"],
  output_labels: ["confidential"],
  ...quick,
});
const post = describe({
  name: "web.post",
  title: "Writes",
  input: Target,
  output: Output,
  effects: ["net.write"],
  max_concurrent: 2,
  ...quick,
});
const pay = {
  ...describe({ name: "bank.pay", title: "Pays", input: Target, output: Output, effects: ["net.write"], ...quick }),
  reconcile: true,
};
const order = describe({ name: "shop.order", title: "Orders", input: Target, output: Output, effects: ["net.write"], ...quick });
const review = describe({ name: "review.check", title: "Reviews", input: Type.Unknown(), output: Type.Unknown(), ...quick });
const replan = describe({ name: "plan.alternative", title: "Plans", input: Type.Unknown(), output: Type.Unknown(), ...quick });
const sleep = {
  ...describe({ name: "flow.sleep", title: "Sleeps", input: Type.Unknown(), output: Type.Unknown() }),
  placement: "engine" as const,
};
const ask = { ...sleep, name: "human.ask" };
const approve = { ...sleep, name: "human.approve" };

/** How long the shop recognises the key of an order. */
const ORDER_LIFETIME_MS = 3_000;

function agent(
  id: `${AgentRegistration["class"]}:${string}`,
  maxTasks: number,
  local: boolean,
  capabilities: readonly CapabilityDescription[],
): AgentRegistration {
  const agentClass = id.split(":")[0] as AgentRegistration["class"];
  return {
    id,
    class: agentClass,
    version: "1.0.0",
    description: id,
    key: "did:key:sim",
    maxTasks,
    local,
    capabilities: capabilities.map((description) => ({
      description,
      ...(description.name === "shop.order" && { isIdempotent: () => true, idempotentForMs: () => ORDER_LIFETIME_MS }),
    })),
  };
}

export const SIM_AGENTS: readonly AgentRegistration[] = [
  agent("kExecutor:main", 4, true, [calc, other, spawn, poison, read, file]),
  agent("kExecutor:far", 2, false, [calc]),
  agent("kBridge:http", 3, true, [post, pay, order]),
  agent("kReviewer:main", 4, true, [review]),
  agent("kPlanner:main", 4, true, [replan]),
  agent("kCore:main", 64, true, [sleep, ask, approve]),
];
