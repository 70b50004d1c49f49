// `kai artifact …`: files that runs made or were given.

import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import type { Artifact } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Command } from "../command.ts";
import { resolveArtifactId } from "../connection/artifact-id.ts";
import { resolvePath } from "../connection/data-files.ts";
import { resolvePlanId } from "../connection/plan-id.ts";
import { eachItem } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { formatBytes, formatTime, shortId } from "../format/quantity.ts";
import { renderTable } from "../format/table.ts";
import { reasonOf } from "../run/plan-file.ts";
import { safeFileName, shownPath, writeArtifact } from "../run/report-folder.ts";
import { usageError } from "../usage.ts";

const GROUP = "Look inside";
const DEFAULT_ROWS = 50;

export const artifactList: Command = {
  name: "artifact list",
  group: GROUP,
  summary: "artifacts by name or plan, newest first",
  args: [{ name: "plan", about: "only those of this plan", isOptional: true }],
  options: [
    { flags: "--name <text>", about: "only those whose name has this in it" },
    { flags: "-n, --limit <count>", about: "how many at most (default 50)" },
  ],
  examples: [
    ["artifact list last", "of the newest plan"],
    ["artifact list --name report", "by name"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const [plan] = input.args;
    const name = input.text("name");
    const most = input.count("limit", 1) ?? DEFAULT_ROWS;
    const query = {
      limit: Math.min(200, most),
      ...(plan !== undefined && { plan_id: await resolvePlanId(session, plan) }),
      ...(name !== undefined && { q: name }),
    };
    const { terminal, machine } = kai;
    const found: Artifact[] = [];
    for await (const artifact of eachItem(session.client, "searchArtifacts", { query })) {
      found.push(artifact);
      if (found.length >= most) break;
    }
    if (terminal.isJson) for (const artifact of found) terminal.json(artifact);
    else if (found.length === 0) terminal.print("No artifacts.");
    else {
      const columns = [
        { title: "artifact" },
        { title: "plan" },
        { title: "size", align: "right" as const },
        { title: "made" },
        { title: "type" },
        { title: "name", flexible: true },
      ];
      const rows = found.map((artifact) => [
        terminal.style.accent(shortId(artifact.artifact_id)),
        artifact.plan_id === undefined ? "" : shortId(artifact.plan_id),
        formatBytes(artifact.bytes),
        formatTime(artifact.created_at, machine.now()),
        safeText(artifact.media_type),
        safeText(artifact.name),
      ]);
      terminal.print(...renderTable(columns, rows, terminal.width(), terminal.style));
    }
    return EXIT.done;
  },
};

export const artifactGet: Command = {
  name: "artifact get",
  group: GROUP,
  summary: "fetch an artifact into a file, or to standard output",
  args: [{ name: "artifact", about: "its id, or a unique end or beginning of it" }],
  options: [{ flags: "--out <file>", about: "where to (default: its own name, here); - for standard output" }],
  examples: [
    ["artifact get 7d6c5b4a", "under its own name"],
    ["artifact get 7d6c5b4a --out - | less", "to read it"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const id = await resolveArtifactId(session, input.args[0] ?? "");
    const out = input.text("out");
    if (out === "-") {
      const answer = await session.client.open("artifactContent", { params: { artifact_id: id } });
      if (answer.body !== null) for await (const chunk of Readable.fromWeb(answer.body as never)) kai.terminal.raw(chunk as Uint8Array);
      return EXIT.done;
    }
    const artifact = await session.client.call("artifact", { params: { artifact_id: id } });
    const path = out === undefined ? join(kai.machine.cwd, safeFileName(artifact.name)) : resolvePath(kai.machine, out);
    await writeArtifact(session, id, path);
    if (kai.terminal.isJson) kai.terminal.json({ ...artifact, path });
    else
      kai.terminal.print(`${shownPath(path, kai.machine.cwd)}  ${formatBytes(artifact.bytes)}  ${kai.terminal.style.dim(artifact.hash)}`);
    return EXIT.done;
  },
};

export const artifactPut: Command = {
  name: "artifact put",
  group: GROUP,
  summary: "store a file as an artifact",
  args: [{ name: "file", about: "the file; - for standard input" }],
  options: [
    { flags: "--name <name>", about: "under which name (default: the file's)" },
    { flags: "--type <media type>", about: "its media type (default: application/octet-stream; the node looks for itself)" },
  ],
  examples: [["artifact put notes.md --type text/markdown", "keep a file"]],
  async perform(kai, input) {
    const file = input.args[0] ?? "-";
    const name = input.text("name") ?? (file === "-" ? undefined : basename(file));
    if (name === undefined) throw usageError("Standard input has no name.", { hint: "Give one with --name." });
    const content = file === "-" ? await kai.machine.stdin.readAll() : await bytesOf(resolvePath(kai.machine, file), file);
    const session = await kai.connect();
    const artifact = await session.client.upload(name, content, input.text("type") ?? "application/octet-stream", {
      idempotencyKey: kai.machine.newSecret(),
    });
    if (kai.terminal.isJson) kai.terminal.json(artifact);
    else
      kai.terminal.print(
        `${artifact.artifact_id}  ${safeText(artifact.name)}  ${formatBytes(artifact.bytes)}  ${kai.terminal.style.dim(artifact.hash)}`,
      );
    return EXIT.done;
  },
};

async function bytesOf(path: string, shown: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw usageError(`${shown} cannot be read: ${reasonOf(cause)}.`, { cause });
  }
}
