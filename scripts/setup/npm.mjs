// npm as set-up needs it: found wherever this Node keeps it, run without install scripts, its output kept and shown only when it fails,
// with the registry's address taken out and a word on what to do.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import { SetupProblem } from "./problem.mjs";

/**
 * The npm to run, as a command and its first arguments.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} execPath the running Node
 * @returns {{ command: string, args: string[] } | undefined}
 */
function findNpm(env, execPath) {
  const own = env["npm_execpath"];
  const beside = path.dirname(execPath);
  const candidates = [
    ...(own !== undefined && path.basename(own) === "npm-cli.js" ? [own] : []),
    path.join(beside, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    path.join(beside, "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const script = candidates.find((candidate) => existsSync(candidate));
  if (script !== undefined) return { command: execPath, args: [script] };
  for (const folder of (env["PATH"] ?? "").split(path.delimiter)) {
    const file = path.join(folder, "npm");
    if (folder === "" || !existsSync(file)) continue;
    // Run by its own `#!` line: it may belong to another Node than ours.
    return { command: realpathSync(file).endsWith(".js") ? file : realpathSync(file), args: [] };
  }
  return undefined;
}

/**
 * npm's output without the address of the registry it used, which may be private.
 *
 * @param {string} text
 */
export function withoutHosts(text) {
  return text
    .replaceAll(/(?:https?|git\+ssh|git|ssh):\/\/[^\s/"'<>]+/g, "<registry>")
    .replaceAll(
      /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|getaddrinfo|connect)((?: [A-Z_]+)*) [\w.:[\]-]+/g,
      "$1$2 <registry>",
    );
}

const advice = [
  { pattern: /_CERT|CERT_|certificate/i, text: "The registry's certificate is not accepted. Check the clock and npm's `cafile` setting." },
  {
    pattern: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network/,
    text: "npm cannot reach its package registry. Check the network or the proxy settings (npm config list), then start again.",
  },
  { pattern: /ENOSPC/, text: "The disk is full. kOS needs about 150 MB beside the runtime; make room, then start again." },
  { pattern: /EDQUOT/, text: "The disk quota is used up. Make room, then start again." },
  {
    pattern: /EACCES|EPERM|EROFS/,
    text: "A folder cannot be written. Use a checkout that belongs to you: a clone made by another user (or with sudo) cannot be set up.",
  },
  {
    pattern: /EINTEGRITY/,
    text: "A downloaded package is not the one pinned in package-lock.json, so it was refused. Try `npm cache clean --force`; if it stays, do not work around it: report it.",
  },
  {
    pattern: /in sync|EUSAGE/,
    text: "package.json and package-lock.json do not agree. Take both from the repository (git status), or run `npm install` if you changed a dependency.",
  },
  { pattern: /E404|ETARGET|notarget/, text: "The registry does not have a pinned package. Check `npm config get registry`." },
  { pattern: /EBADENGINE|Unsupported engine/, text: "This Node.js or npm is too old for a package. Update Node.js (20 or later)." },
];

/**
 * What to do about npm's failure, read from its output. First match decides, so certificate faults (which also say "network") have their own words.
 *
 * @param {string} output
 */
export function adviceFor(output) {
  return (
    advice.find(({ pattern }) => pattern.test(output))?.text ?? "Mend what npm says above, then start again; what is finished is kept."
  );
}

/**
 * Runs npm in a folder and waits for it.
 *
 * @param {string[]} args
 * @param {{ cwd: string, onStart?: (child: import("node:child_process").ChildProcess) => void }} options
 */
export async function runNpm(args, { cwd, onStart }) {
  const npm = findNpm(process.env, process.execPath);
  if (npm === undefined) {
    throw new SetupProblem(
      "npm was not found. It comes with Node.js from nodejs.org; on Debian it is a package of its own: apt install npm",
    );
  }
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress", "--loglevel=error"];
  const patience = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
  const child = spawn(npm.command, [...npm.args, ...args, ...quiet, ...patience], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  onStart?.(child);
  let output = "";
  /** @param {string} text */
  const keep = (text) => {
    output = (output + text).slice(-64_000);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
  });
  if (code === 0) return;
  if (signal !== null) throw new SetupProblem(`npm was ended by ${signal}. Start again to go on.`, { exitCode: 130 });
  const shown = shownOutput(output);
  throw new SetupProblem(`${shown}\n\nnpm ${args[0]} failed (exit code ${code}). ${adviceFor(output)}`);
}

/**
 * The lines of npm's output that say what happened: without its manual, the middle left out where it is long.
 *
 * @param {string} output
 */
function shownOutput(output) {
  const lines = withoutHosts(output)
    .replace(/npm error Clean install a project[\s\S]*?more info\n/, "")
    .split("\n")
    .filter((line) => !/^(npm (error|warn|ERR!))?\s*(at .*|(address|port|type|code|errno|syscall): .*|\})?$/.test(line))
    .map((line) => `  ${line}`);
  return (lines.length <= 30 ? lines : [...lines.slice(0, 18), "  ...", ...lines.slice(-10)]).join("\n");
}
