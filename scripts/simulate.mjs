// `npm run simulate [-- --seeds N]`: sets up, then runs the engine under simulation (services/agents/kCore/src/simulation/main.ts).
import { existsSync } from "node:fs";
import { inCheckout, root } from "./setup/checkout.mjs";
import { launch, withNode } from "./setup/launch.mjs";
import { runMain, SetupProblem } from "./setup/problem.mjs";
import { setUp } from "./setup/setup.mjs";

await runMain(async () => {
  const entry = inCheckout("services", "agents", "kCore", "src", "simulation", "main.ts");
  if (!existsSync(entry)) throw new SetupProblem("This checkout has no simulation (services/agents/kCore/src/simulation/main.ts).");
  const node = await setUp({ dev: true, bundles: false });
  return launch(node, [entry, ...process.argv.slice(2)], { cwd: root, env: withNode(node, process.env) });
});
