// Completes the lockfiles after `npm install`: npm leaves out the builds for other platforms that the registry in use does not carry,
// and `npm ci` then refuses the lockfile on every machine. Each one is named with the exact version its parent asks for and the platforms
// its name says; it has no integrity until someone runs `npm install` against a registry that has it.
import { readFileSync, writeFileSync } from "node:fs";
import { inCheckout } from "./setup/checkout.mjs";
import { runMain } from "./setup/problem.mjs";
import { say } from "./setup/screen.mjs";

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = ["arm64", "x64", "ia32", "arm", "ppc64", "riscv64", "s390x", "loong64", "mips64el"];
const exact = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;

/**
 * The platforms a package is for, as its name tells: `@biomejs/cli-linux-x64-musl`, `@oxlint/binding-linux-arm-gnueabihf`.
 *
 * @param {string} name
 */
export function platformOf(name) {
  const words = name.slice(name.lastIndexOf("/") + 1).split(/[-.]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) return undefined;
  const libc =
    words.includes("musl") || words.includes("musleabihf")
      ? "musl"
      : words.includes("gnu") || words.includes("gnueabihf")
        ? "glibc"
        : undefined;
  return { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }) };
}

/**
 * Adds what is missing to a parsed lockfile and returns the names added.
 *
 * @param {{ packages: Record<string, { version?: string, dev?: boolean, license?: string, optionalDependencies?: Record<string, string> }> }} lock
 */
export function completeLock(lock) {
  const added = [];
  for (const [place, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (`${place}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages) continue;
      const platform = platformOf(name);
      if (platform === undefined || !exact.test(version)) continue;
      const own = {
        version,
        ...platform,
        ...(entry.dev === true ? { dev: true } : {}),
        ...(entry.license === undefined ? {} : { license: entry.license }),
        optional: true,
      };
      lock.packages[`node_modules/${name}`] = own;
      added.push(name);
    }
  }
  // npm's own order: by place, as en-US sorts.
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")));
  return added;
}

async function main() {
  for (const name of ["package-lock.json", "apps/kai-cd/package-lock.json", "bench/peers/package-lock.json"]) {
    const file = inCheckout(name);
    const lock = JSON.parse(readFileSync(file, "utf8"));
    const added = completeLock(lock);
    if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
    say(added.length === 0 ? `${name} is complete.` : `Added to ${name}: ${added.join(", ")}`);
  }
  return 0;
}

if (process.argv[1] === inCheckout("scripts", "complete-lock.mjs")) await runMain(main);
