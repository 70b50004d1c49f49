// Installs bench/peers when it is asked for: a package of its own, so that none of it gets into the checkout's lockfile.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PEERS = join(import.meta.dirname, "..", "..", "peers");

/** Where it is installed already this is a look at two files. Install scripts do not run. */
export function installPeers(say: (text: string) => void): void {
  const installed = join(PEERS, "node_modules", ".package-lock.json");
  if (existsSync(installed) && hasWhatIsLocked(installed)) return;
  say("Installing bench/peers (about 480 MB, half of it the server of Restate)\n");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: PEERS, stdio: ["ignore", "ignore", "inherit"] });
}

function hasWhatIsLocked(installed: string): boolean {
  const there = packagesIn(installed);
  const wanted = JSON.parse(readFileSync(join(PEERS, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const locked = packagesIn(join(PEERS, "package-lock.json"));
  return Object.keys(wanted.dependencies).every(
    (name) => there[`node_modules/${name}`]?.version === locked[`node_modules/${name}`]?.version,
  );
}

function packagesIn(file: string): Readonly<Record<string, { readonly version?: string }>> {
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly packages: Readonly<Record<string, { readonly version?: string }>> })
    .packages;
}
