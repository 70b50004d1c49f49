// What must run in a browser compiles without Node's types: tsconfig.browser.json names the entries.
import { toolProblems } from "./tool.mjs";

/** @type {import("./guard.mjs").Guard} */
export const browser = {
  name: "browser types",
  run: (root) => toolProblems("tsc", ["-p", "tsconfig.browser.json", "--pretty", "false"], root),
};
