// knip: files, exports and dependencies that nothing uses; knip.json holds the entries.
import { toolProblems } from "./tool.mjs";

/** @type {import("./guard.mjs").Guard} */
export const deadCode = {
  name: "dead code",
  run: (root) => toolProblems("knip", ["--no-progress", "--reporter", "compact"], root),
};
