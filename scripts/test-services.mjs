// Programs from outside npm that some suites need. A test file says so in a line of its own, `// needs: strace`; here is where each comes
// from. Where one is missing and cannot be installed, the test skips itself: it finds the name in KOS_TEST_MISSING (comma-separated).
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { listFiles } from "./guards/files.mjs";
import { beginStep } from "./setup/screen.mjs";

/** Program → the Debian package that holds it. */
const debianPackages = new Map([
  ["chromium", "chromium"],
  ["openssl", "openssl"],
  ["strace", "strace"],
  ["prlimit", "util-linux"],
  ["promtool", "prometheus"],
  ["prometheus", "prometheus"],
]);

/** @typedef {{ program: string, package: string, files: string[] }} Need */

/**
 * What the suites below a checkout say they need.
 *
 * @param {string} root
 * @returns {Need[]}
 */
export function declaredNeeds(root) {
  /** @type {Map<string, Need>} */
  const needs = new Map();
  for (const file of listFiles(root).filter((name) => name.endsWith(".test.ts"))) {
    for (const [, list] of readFileSync(path.join(root, file), "utf8").matchAll(/^\/\/ needs: (.+)$/gm)) {
      for (const program of /** @type {string} */ (list).split(",").map((name) => name.trim())) {
        const debianPackage = debianPackages.get(program);
        if (debianPackage === undefined) throw new Error(`${file} needs ${program}, which scripts/test-services.mjs does not know`);
        const need = needs.get(program) ?? { program, package: debianPackage, files: [] };
        need.files.push(file);
        needs.set(program, need);
      }
    }
  }
  return [...needs.values()];
}

/**
 * @param {Need[]} needs
 * @param {string} searchPath
 */
export function missingPrograms(needs, searchPath) {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== "");
  return needs.filter(({ program }) => !folders.some((folder) => existsSync(path.join(folder, program))));
}

/** @param {Need[]} needs */
export function installCommand(needs) {
  return `apt-get install --no-install-recommends ${[...new Set(needs.map((need) => need.package))].join(" ")}`;
}

/**
 * Installs what is missing with Debian's package manager, where there is one and we may. The services that come with a package are not
 * started: the suites start their own, on ports of their own.
 *
 * @param {Need[]} missing
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} why not, or undefined when done
 */
export async function installMissing(missing, env) {
  if (!existsSync("/etc/debian_version")) return "this is not Debian";
  if (process.getuid?.() !== 0) return "only root can install packages";
  const packages = [...new Set(missing.map((need) => need.package))];
  const step = beginStep(`Debian packages for the tests: ${packages.join(", ")}`);
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const install = ["install", "-y", "-q", "--no-install-recommends", ...packages];
    let result = await apt(install, env);
    if (result.code !== 0) {
      // The lists of packages are missing or old.
      await apt(["update", "-q"], env);
      result = await apt(install, env);
    }
    if (result.code !== 0) {
      step.fail("not installed");
      return `apt-get failed: ${result.output
        .trim()
        .split("\n")
        .slice(-3)
        .join(" / ")
        .replaceAll(/https?:\/\/\S+/g, "<mirror>")}`;
    }
    step.done("installed");
    return undefined;
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, output: string }>}
 */
async function apt(args, env) {
  const child = spawn("apt-get", ["-o", "DPkg::Lock::Timeout=120", ...args], {
    env: { ...env, DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_MODE: "l" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output = (output + text).slice(-8000);
    });
  }
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: 1, output: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
