// `kai verify`: checks a run's evidence file offline; no node is asked.

import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { EVIDENCE_CHECKS, type EvidenceReport, verifyEvidence } from "@kos/evidence";
import { isDidKey, safeText } from "@kos/klp";
import type { Command, Kai } from "../command.ts";
import { readNodeFile, resolvePath } from "../connection/data-files.ts";
import { EXIT } from "../exit-code.ts";
import { formatNumber, formatTime } from "../format/quantity.ts";
import { reasonOf } from "../run/plan-file.ts";
import { usageError } from "../usage.ts";

const MOST_ITEMS = 8;
/** A compressed file may not grow beyond this. */
const MOST_BYTES = 512 * 1024 * 1024;

export const verify: Command = {
  name: "verify",
  group: "Evidence",
  summary: "check a run's evidence file, offline",
  details:
    "Nothing is trusted but the node's public key: give it with --key (its did:key, or a file that holds it). Without --key the file's own\n" +
    "word for its node is taken, and the report says so. Exit code 0: every check passed; 1: something is wrong, and it says which item.",
  args: [{ name: "file", about: "what `kai show ID --evidence` wrote; - for standard input" }],
  options: [{ flags: "--key <did|file>", about: "the node it must come from: did:key:z6Mk…, or a file with it" }],
  examples: [
    ["verify run.kos.json", "check a file"],
    ["verify ~/.kos/archive/2027-03/run-….kos.json.gz", "one of the archive"],
    ["verify run.kos.json --key did:key:z6Mk…", "and that it comes from this node"],
  ],
  async perform(kai, input) {
    const file = input.args[0] ?? "-";
    const key = input.text("key");
    const node = key === undefined ? undefined : await keyOf(kai, key);
    const report = verifyEvidence(await bytesOf(kai, file), node === undefined ? {} : { node });
    if (kai.terminal.isJson) kai.terminal.json(report);
    else await print(kai, report);
    return report.ok ? EXIT.done : EXIT.failed;
  },
};

async function bytesOf(kai: Kai, file: string): Promise<Uint8Array> {
  if (file === "-") return unpacked(await kai.machine.stdin.readAll());
  try {
    return unpacked(await readFile(resolvePath(kai.machine, file)));
  } catch (cause) {
    throw usageError(`${file} cannot be read: ${reasonOf(cause)}.`, { cause });
  }
}

/** The archive of a node holds its files compressed. What cannot be unpacked stays as it is: then it is no evidence. */
function unpacked(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch {
    return bytes;
  }
}

/** Errors: BAD_REQUEST. */
async function keyOf(kai: Kai, given: string): Promise<string> {
  if (given.startsWith("did:")) return checked(given, "--key");
  let text: string;
  try {
    text = await readFile(resolvePath(kai.machine, given), "utf8");
  } catch (cause) {
    throw usageError(`The key file ${given} cannot be read: ${reasonOf(cause)}.`, {
      hint: "--key takes a did:key or a file that holds one.",
      cause,
    });
  }
  return checked(/did:key:z[1-9A-HJ-NP-Za-km-z]+/.exec(text)?.[0] ?? "", given);
}

function checked(did: string, where: string): string {
  if (isDidKey(did)) return did;
  throw usageError(`${where} holds no did:key of an Ed25519 key.`, {
    hint: "It looks like did:key:z6Mk… and stands in node.json and /.well-known/klp.json.",
  });
}

async function print(kai: Kai, report: EvidenceReport): Promise<void> {
  const { terminal, machine } = kai;
  const { style } = terminal;
  const { run } = report;
  terminal.print(
    ...report.checks.flatMap(({ title, passed, detail, items }) => {
      const shown = items.slice(0, MOST_ITEMS).map((item) => `      ${style.bad("wrong:")} ${safeText(item)}`);
      const more = items.length > MOST_ITEMS ? [`      … and ${items.length - MOST_ITEMS} more items`] : [];
      return [`${passed ? style.good("✓") : style.bad("✗")} ${title}${style.dim(`: ${safeText(detail)}`)}`, ...shown, ...more];
    }),
    "",
  );
  if (report.checks.length < EVIDENCE_CHECKS.length) terminal.print(style.dim("The other checks need a file that is in form."), "");
  if (run !== undefined) {
    terminal.print(
      `Plan ${safeText(run.planId)}, ${formatNumber(run.events)} events, exported ${formatTime(run.createdAt, machine.now())}`,
    );
    if (!run.nodeExpected) terminal.print(...(await whoseLines(kai, run.node)));
  }
  terminal.print(
    report.ok
      ? style.good("The evidence holds.")
      : style.bad(`The evidence does not hold: ${report.wrong.length || "some"} wrong ${report.wrong.length === 1 ? "item" : "items"}.`),
  );
}

/** The local node's did is a help, not a proof: a stranger compares with what he was told. */
async function whoseLines(kai: Kai, node: string): Promise<readonly string[]> {
  const local = await readNodeFile(kai.dataFolder);
  if (local?.did === node) return ["It is the node of this data folder."];
  return [kai.terminal.style.warn("Nobody said which node it must come from; compare the did above, or give it with --key.")];
}
