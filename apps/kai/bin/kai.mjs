#!/usr/bin/env node
// `npx kai` in the checkout: the same way in as `npm start -- …`, set-up included.

import { runMain } from "../../../scripts/setup/problem.mjs";
import { startKai } from "../../../scripts/setup/program.mjs";

await runMain(() => startKai(process.argv.slice(2)));
