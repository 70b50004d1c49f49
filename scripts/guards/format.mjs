// Every file is formatted as biome.json says, imports in order included.
import { toolProblems } from "./tool.mjs";

/** @type {import("./guard.mjs").Guard} */
export const format = {
  name: "format",
  async run(root) {
    const args = ["check", "--linter-enabled=false", "--colors=off", "--max-diagnostics=none", "--reporter=summary", "."];
    const lines = await toolProblems("biome", args, root);
    const files = lines.filter((line) => line.startsWith("  - "));
    return files.length === 0 ? lines : [...files.map((line) => line.slice(4)), "npm run format mends these"];
  },
};
