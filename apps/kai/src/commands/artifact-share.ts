// `kai artifact share …`: links under which somebody without a token may fetch one artifact for a while.

import { safeText } from "@kos/klp";
import type { Command } from "../command.ts";
import { resolveArtifactId } from "../connection/artifact-id.ts";
import { uniqueId } from "../connection/plan-id.ts";
import { EXIT } from "../exit-code.ts";
import { formatTime, shortId } from "../format/quantity.ts";
import { renderTable } from "../format/table.ts";
import { durationMs } from "../run/budget.ts";

const GROUP = "Look inside";
const ARTIFACT = { name: "artifact", about: "its id, or a unique end or beginning of it" } as const;

export const artifactShare: Command = {
  name: "artifact share",
  group: GROUP,
  summary: "print a link that gives an artifact to whoever has it, for a while",
  details:
    "The link reaches as far as the node does: on this machine, or through the tunnel or proxy that leads to it. It is shown this once.",
  args: [ARTIFACT],
  options: [{ flags: "--for <time>", about: "how long it is good, as 2h or 7d; at most 30d (default: 24h)" }],
  examples: [["artifact share 7d6c5b4a --for 2h", "for two hours"]],
  async perform(kai, input) {
    const lifetime = input.text("for");
    const lifetimeMs = lifetime === undefined ? undefined : durationMs(lifetime);
    const session = await kai.connect();
    const artifact_id = await resolveArtifactId(session, input.args[0] ?? "");
    const body = lifetimeMs === undefined ? {} : { lifetime_ms: lifetimeMs };
    const share = await session.client.call("shareArtifact", { params: { artifact_id }, body });
    const { terminal, machine } = kai;
    if (terminal.isJson) terminal.json(share);
    else {
      terminal.print(
        share.url,
        terminal.style.dim(
          `good until ${formatTime(share.expires_at, machine.now())}; take it back with: kai artifact unshare ${shortId(artifact_id)} ${shortId(share.share_id)}`,
        ),
      );
    }
    return EXIT.done;
  },
};

export const artifactShares: Command = {
  name: "artifact shares",
  group: GROUP,
  summary: "the links of an artifact that are still good",
  args: [ARTIFACT],
  examples: [["artifact shares 7d6c5b4a", "who may fetch it, and until when"]],
  async perform(kai, input) {
    const session = await kai.connect();
    const artifact_id = await resolveArtifactId(session, input.args[0] ?? "");
    const { items } = await session.client.call("artifactShares", { params: { artifact_id } });
    const { terminal, machine } = kai;
    if (terminal.isJson) for (const share of items) terminal.json(share);
    else if (items.length === 0) terminal.print("No links.");
    else {
      const rows = items.map((share) => [
        terminal.style.accent(shortId(share.share_id)),
        formatTime(share.created_at, machine.now()),
        formatTime(share.expires_at, machine.now()),
        safeText(share.created_by),
      ]);
      const columns = [{ title: "link" }, { title: "made" }, { title: "good until" }, { title: "by", flexible: true }];
      terminal.print(...renderTable(columns, rows, terminal.width(), terminal.style));
    }
    return EXIT.done;
  },
};

export const artifactUnshare: Command = {
  name: "artifact unshare",
  group: GROUP,
  summary: "take a link to an artifact back",
  args: [ARTIFACT, { name: "link", about: "the link's id, or a unique end or beginning of it" }],
  examples: [["artifact unshare 7d6c5b4a 1f2e3d4c", "from now on it gives nothing"]],
  async perform(kai, input) {
    const [artifact = "", link = ""] = input.args;
    const session = await kai.connect();
    const artifact_id = await resolveArtifactId(session, artifact);
    const { items } = await session.client.call("artifactShares", { params: { artifact_id } });
    const share_id = await uniqueId(link, "link", items, (share) => share.share_id, "kai artifact shares");
    const share = await session.client.call("unshareArtifact", { params: { artifact_id, share_id } });
    if (kai.terminal.isJson) kai.terminal.json(share);
    else kai.terminal.print(`link ${shortId(share_id)} is taken back`);
    return EXIT.done;
  },
};
