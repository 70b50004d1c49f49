// `npm run check [-- name …]`: the guards alone: types, lint, layers, dead code, lockfile, repository, format. Each says what it took.
import { inCheckout, root } from "./setup/checkout.mjs";
import { setUpConsole } from "./setup/console.mjs";
import { launch, withNode } from "./setup/launch.mjs";
import { runMain } from "./setup/problem.mjs";
import { setUp } from "./setup/setup.mjs";

await runMain(async () => {
  const node = await setUp({ dev: true, bundles: false });
  await setUpConsole({ build: false });
  const names = process.argv.slice(2);
  const chosen = names.length === 0 ? [] : [`--matching=${names.join(",")}`];
  return launch(node, [inCheckout("scripts", "guards", "run.mjs"), ...chosen], { cwd: root, env: withNode(node, process.env) });
});
