// Runs one of the installed tools over a checkout and keeps what it prints.
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { inCheckout } from "../setup/checkout.mjs";

/**
 * The tool of this checkout, run in another folder where that is asked for (guards are tried on planted folders).
 *
 * @param {string} name as in node_modules/.bin
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function runTool(name, args, cwd) {
  const script = realpathSync(inCheckout("node_modules", ".bin", name));
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve(exitCode ?? 1));
  });
  return { code, output };
}

/**
 * A tool whose exit code says whether all is well.
 *
 * @param {string} name
 * @param {string[]} args
 * @param {string} cwd
 */
export async function toolProblems(name, args, cwd) {
  const { code, output } = await runTool(name, args, cwd);
  if (code === 0) return [];
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines.length === 0 ? [`${name} ended with code ${code} and said nothing`] : lines;
}
