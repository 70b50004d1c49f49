// `kai events`: a plan's events, one a line, and live ones after them.

import type { PlanEventView } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Command } from "../command.ts";
import { resolvePlanId } from "../connection/plan-id.ts";
import { eachItem } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { formatTime } from "../format/quantity.ts";
import type { Style } from "../format/style.ts";
import { cutTo } from "../format/text-width.ts";

export const events: Command = {
  name: "events",
  group: "Look inside",
  summary: "the events of a plan, as they stand in the signed log",
  args: [{ name: "plan", about: "a plan's id, a unique end or beginning of it, or `last`" }],
  options: [{ flags: "--since <seq>", about: "only those after this number" }],
  examples: [
    ["events last", "all of them"],
    ["events last --since 40 --json", "the later ones, whole"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const since = input.count("since", 0);
    const params = { plan_id: await resolvePlanId(session, input.args[0] ?? "last") };
    const query = { limit: 500, ...(since !== undefined && { since: String(since) }) };
    const { terminal, machine } = kai;
    for await (const event of eachItem(session.client, "planEvents", { params, query })) {
      if (terminal.isJson) terminal.json(event);
      else terminal.print(cutTo(eventLine(event, machine.now(), terminal.style), terminal.width()));
    }
    return EXIT.done;
  },
};

function eventLine(event: PlanEventView, nowMs: number, style: Style): string {
  const payload = event.payload === null ? style.dim("payload removed") : style.dim(fieldsText(event.payload));
  return `${String(event.seq).padStart(5)} ${style.dim(formatTime(event.at, nowMs))} ${safeText(event.type).padEnd(22)} ${payload}`;
}

/** Names first, then everything short. */
function fieldsText(payload: unknown): string {
  if (typeof payload !== "object" || payload === null) return "";
  const fields = Object.entries(payload);
  const order = ([name]: readonly [string, unknown]) => (/(^|_)id$/.test(name) ? 0 : 1);
  return fields
    .toSorted((left, right) => order(left) - order(right))
    .flatMap(([name, value]) => {
      if (typeof value === "object" && value !== null) return [];
      return [`${safeText(name)}=${safeText(String(value))}`];
    })
    .join(" ");
}
