// A planted worker process whose `artifact.put` works in steps and records each: the first attempt stops half way and waits to be killed, the
// next goes on from what it was given. The artifact tells which steps the attempt did itself.

import { hostPlanted } from "./planted-host.ts";

const STEPS = 600;
const HALF = 400;
/** Large enough that all of them together do not fit an envelope. */
const FILL = "x".repeat(2000);

await hostPlanted({
  "artifact.put": (real) => async (params, context) => {
    const given = context.checkpoints as readonly { readonly step: number }[];
    const isFirst = given.length === 0;
    const did: number[] = [];
    const underWay: Promise<void>[] = [];
    for (let step = (given.at(-1)?.step ?? -1) + 1; step < (isFirst ? HALF : STEPS); step++) {
      did.push(step);
      underWay.push(context.checkpoint({ step, fill: FILL }));
    }
    await Promise.all(underWay);
    if (isFirst) {
      context.progress({ message: "half way" });
      await new Promise(() => undefined);
    }
    const content = { given: given.map(({ step }) => step), did };
    return real({ ...(params as object), json: content } as never, context);
  },
});
