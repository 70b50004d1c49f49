// knip: files, exports and dependencies that nothing uses; knip.json holds the entries.
import { toolProblems } from "./tool.mjs";

/** @type {import("./guard.mjs").Guard} */
export const deadCode = {
  name: "dead code",
  async run(root) {
    const lines = await toolProblems("knip", ["--no-progress", "--reporter", "compact"], root);
    return lines.map((line) => line.replace(/^(\S+): \1$/, "$1"));
  },
};
