// The agent kCore:main: the capabilities the engine carries out itself, so that plans, planner and people find them like any other; and
// flow.map, which runs beside it.

import { type Agent, defineAgent, defineCapability } from "@kos/agent";
import { KosError } from "@kos/klp";
import Type from "typebox";
import { ApproveInput, ApproveOutput, AskInput, AskOutput, SleepInput, SleepOutput } from "./plan/engine-capability.ts";

const THIRTY_DAYS_MS = 2_592_000_000;

const sleep = defineCapability({
  name: "flow.sleep",
  title: "Wait",
  description: "Waits for a time, or until one. The wait is durable: it goes on over restarts and fires once.",
  input: SleepInput,
  output: SleepOutput,
  placement: "engine",
  timeout_ms: THIRTY_DAYS_MS,
  cost: 0,
  run: () => carriedOutByEngine("flow.sleep"),
});

const ask = defineCapability({
  name: "human.ask",
  title: "Ask a person",
  description: "Puts a question to a person and waits for the answer, as long as the plan waits.",
  input: AskInput,
  output: AskOutput,
  effects: ["human"],
  idempotent: true,
  placement: "engine",
  timeout_ms: THIRTY_DAYS_MS,
  cost: 0,
  run: () => carriedOutByEngine("human.ask"),
});

const approve = defineCapability({
  name: "human.approve",
  title: "Wait for a person's approval",
  description: "Shows a person what is about to happen and waits for a yes or no. A no fails the task unless continue_on_deny is true.",
  input: ApproveInput,
  output: ApproveOutput,
  effects: ["human"],
  idempotent: true,
  placement: "engine",
  timeout_ms: THIRTY_DAYS_MS,
  cost: 0,
  run: () => carriedOutByEngine("human.approve"),
});

const map = defineCapability({
  name: "flow.map",
  title: "Shape a value",
  description: "Gives back its params with all references filled in: for putting values of other tasks into another form.",
  input: Type.Record(Type.String(), Type.Unknown()),
  output: Type.Record(Type.String(), Type.Unknown()),
  placement: "inline",
  cost: 0,
  run: async (params) => params,
});

export function createCoreAgent(): Agent {
  return defineAgent({
    class: "kCore",
    name: "main",
    version: "0.1.0",
    description: "The engine: runs plans durably, waits for times and people, shapes values.",
    capabilities: [sleep, ask, approve, map],
    limits: { max_tasks: 1000 },
  });
}

/** Reached only when somebody sends these to an agent: that is a mistake of the sender. */
function carriedOutByEngine(name: string): Promise<never> {
  return Promise.reject(new KosError("INTERNAL", `${name} is carried out by the engine itself, not by an agent.`));
}
