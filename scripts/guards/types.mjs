// The types of the whole workspace hold, package by package.
import { toolProblems } from "./tool.mjs";

/** @type {import("./guard.mjs").Guard} */
export const types = {
  name: "types",
  run: (root) => toolProblems("tsc", ["-b", "--pretty", "false"], root),
};
