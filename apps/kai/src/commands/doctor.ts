// `kai doctor`: looks for what is wrong here. It starts no node and changes nothing.

import { safeText } from "@kos/klp";
import type { Command, Kai } from "../command.ts";
import { readNodeFile } from "../connection/data-files.ts";
import type { Finding } from "../doctor/check.ts";
import {
  checkCryptography,
  checkDataFolder,
  checkDisk,
  checkGit,
  checkMemoryLimit,
  checkPort,
  checkRuntime,
} from "../doctor/machine-checks.ts";
import { checkAbsentNode, checkNode } from "../doctor/node-checks.ts";
import { EXIT } from "../exit-code.ts";
import type { Style } from "../format/style.ts";
import { padEnd } from "../format/text-width.ts";

const DEFAULT_PORT = 3000;

export const doctor: Command = {
  name: "doctor",
  group: "This node",
  summary: "look for what is wrong: runtime, data folder, disk, port, git, limits, node",
  details: "Exit code 1 when something is wrong. It starts no node and changes nothing.",
  examples: [
    ["doctor", "look"],
    ["doctor --json", "the same for a script"],
  ],
  async perform(kai) {
    const findings = await examine(kai);
    const { terminal } = kai;
    const isWell = findings.every(({ state }) => state !== "bad");
    if (terminal.isJson) terminal.json({ ok: isWell, findings });
    else terminal.print(...findings.flatMap((finding) => findingLines(finding, terminal.style)));
    return isWell ? EXIT.done : EXIT.failed;
  },
};

async function examine({ machine, dataFolder, attach }: Kai): Promise<readonly Finding[]> {
  const here = [
    checkRuntime(machine.runtimeVersion, machine.runtime),
    checkCryptography(),
    await checkGit(),
    await checkMemoryLimit(machine.platform, machine.env["PATH"] ?? ""),
    ...(await checkDataFolder(dataFolder, machine.uid)),
    await checkDisk(dataFolder),
  ];
  const session = await attach();
  if (session !== undefined) return [...here, ...(await checkNode(session, machine.now()))];
  return [...here, await checkPort(DEFAULT_PORT), checkAbsentNode(await readNodeFile(dataFolder), machine.isAlive)];
}

function findingLines({ check, state, detail, advice }: Finding, style: Style): readonly string[] {
  const sign = state === "good" ? style.good("✓") : state === "note" ? style.warn("!") : style.bad("✗");
  return [
    `${sign} ${padEnd(check, 11)}  ${safeText(detail)}`,
    ...(advice === undefined ? [] : [`               ${style.dim(safeText(advice))}`]),
  ];
}
