// oxlint with type-aware rules and our own (scripts/lint); .oxlintrc.json holds the rules and, with reasons, their exceptions.
import { runTool } from "./tool.mjs";

/** @type {import("./guard.mjs").Guard} */
export const lint = {
  name: "lint",
  run: async (root) => {
    const { code, output } = await runTool(
      "oxlint",
      ["--type-aware", "--report-unused-disable-directives", "--deny-warnings", "--format=unix"],
      root,
    );
    if (code === 0) return [];
    const lines = output.split("\n").filter((line) => line.trim() !== "");
    return lines.length === 0 ? [`oxlint ended with code ${code} and said nothing`] : lines.map((line) => line.replace(`${root}/`, ""));
  },
};
