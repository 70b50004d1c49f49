// `npm run bench [-- arguments]`: sets up, then measures (bench/src/main.ts).
import { existsSync } from "node:fs";
import { inCheckout, root } from "./setup/checkout.mjs";
import { launch, withNode } from "./setup/launch.mjs";
import { runMain, SetupProblem } from "./setup/problem.mjs";
import { setUp } from "./setup/setup.mjs";

await runMain(async () => {
  const entry = inCheckout("bench", "src", "main.ts");
  if (!existsSync(entry)) throw new SetupProblem("This checkout has no bench (bench/src/main.ts).");
  const node = await setUp({ dev: true });
  return launch(node, [entry, ...process.argv.slice(2)], { cwd: root, env: withNode(node, process.env) });
});
