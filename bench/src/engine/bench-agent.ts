// The agent of the bench: one capability that does nothing and gives back about 200 bytes, and one that never answers.

import { type Agent, defineAgent, defineCapability } from "@kos/agent";
import Type from "typebox";
import { STEP_RESULT } from "../../peers/src/peer.ts";

export const STEP = "bench.step";
export const HANG = "bench.hang";

const MAX_TASKS = 256;
/** Enough for every open plan of the largest measure. */
const MAX_HANGING = 100_000;

/** `onStep` is told the name of the plan as it stands in the params. */
export function benchAgent(onStep: (plan: string) => void): Agent {
  const step = defineCapability({
    name: STEP,
    title: "A step",
    description: "Does nothing and gives back about 200 bytes.",
    input: Type.Object({ plan: Type.String(), n: Type.Integer() }),
    output: Type.Object({ ok: Type.Boolean(), text: Type.String() }),
    placement: "inline",
    async run({ plan }) {
      onStep(plan);
      return STEP_RESULT;
    },
  });
  return defineAgent({
    class: "kExecutor",
    name: "bench",
    version: "1.0.0",
    description: "Steps of the bench",
    capabilities: [step],
    limits: { max_tasks: MAX_TASKS },
  });
}

/** Stands for one in another process: the engine sends it calls, nobody here holds anything for them. */
export function hangingAgent(): Agent {
  const hang = defineCapability({
    name: HANG,
    title: "A step that does not end",
    description: "Never answers.",
    input: Type.Object({ plan: Type.String(), n: Type.Integer() }),
    output: Type.Object({}),
    placement: "inline",
    timeout_ms: 24 * 3_600_000,
    run: () => new Promise<never>(() => undefined),
  });
  return defineAgent({
    class: "kExecutor",
    name: "hanging",
    version: "1.0.0",
    description: "Calls that stay open",
    capabilities: [hang],
    limits: { max_tasks: MAX_HANGING },
  });
}
