// Every file is formatted as biome.json says, imports in order included.
import { toolProblems } from "./tool.mjs";

/** @type {import("./guard.mjs").Guard} */
export const format = {
  name: "format",
  run: (root) =>
    toolProblems("biome", ["check", "--linter-enabled=false", "--colors=off", "--max-diagnostics=50", "--reporter=summary", "."], root),
};
