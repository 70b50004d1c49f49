// What the doctor asks a running node, and what it can tell when none answers.

import { realpath } from "node:fs/promises";
import type { NodeFile } from "@kos/api";
import { toWireError } from "@kos/klp";
import type { Session } from "../connection/session.ts";
import { formatDuration, formatNumber } from "../format/quantity.ts";
import { bad, type Finding, good, note } from "./check.ts";

export function checkAbsentNode(file: NodeFile | undefined, isAlive: (pid: number) => boolean): Finding {
  if (file === undefined) return note("node", "none is running", "`kai up` starts one; `kai run` starts one for the time of its job.");
  if (!isAlive(file.pid))
    return note("node", `the last one (pid ${file.pid}) did not end by itself`, "Nothing is lost: the next one goes on where it was.");
  return bad(
    "node",
    `process ${file.pid} should answer at ${file.url} but does not`,
    "Look at node.log of the data folder; end the process if it hangs.",
  );
}

export async function checkNode(session: Session, nowMs: number): Promise<readonly Finding[]> {
  const { client } = session;
  const findings: Finding[] = [];
  const look = async (check: string, work: () => Promise<Finding | readonly Finding[]>) => {
    try {
      findings.push(...[await work()].flat());
    } catch (error) {
      const { code, message } = toWireError(error);
      findings.push(bad(check, `${code}: ${message}`, "The node answers, but not to this."));
    }
  };
  await look("node", async () => {
    const { node } = await client.call("status", {});
    const age = formatDuration(nowMs - Date.parse(node.started_at));
    const open = `${formatNumber(node.plans_open)} open ${node.plans_open === 1 ? "plan" : "plans"}`;
    // What a stranger compares the evidence of a run with.
    return [good("node", `${node.version} at ${client.baseUrl}, up for ${age}, ${open}`), good("key", node.did)];
  });
  await look("agents", async () => {
    const { agents } = await client.call("status", {});
    const ill = agents.filter(({ state }) => state !== "ready" && state !== "busy" && state !== "registered");
    if (ill.length === 0) return good("agents", `${agents.length}, all well`);
    return note("agents", ill.map(({ agent_id, state }) => `${agent_id} is ${state}`).join(", "), "`kai agents list` shows them.");
  });
  await look("playbooks", async () => {
    const { items } = await client.call("playbooks", { query: { limit: 200 } });
    const broken = items.filter(({ problems }) => problems.length > 0);
    if (broken.length === 0) return good("playbooks", `${items.length}, none broken`);
    return note(
      "playbooks",
      broken.map(({ name, problems }) => `${name}: ${problems[0] ?? ""}`).join("; "),
      "`kai playbooks NAME` says more.",
    );
  });
  await look("exposed", async () => {
    const valueOf = async (key: string) => (await client.call("explainConfig", { query: { key } })).value;
    const [host, content, isRemote, allowed] = [
      await valueOf("listen.host"),
      await valueOf("content_origin.host"),
      await valueOf("listen.allow_remote"),
      await valueOf("egress.allow_hosts"),
    ];
    const inside = Array.isArray(allowed) && allowed.length > 0 ? [note("egress", `private addresses opened: ${allowed.join(", ")}`)] : [];
    const door = `REST, WebSocket and console on ${String(host)}, previews on ${String(content)}`;
    return [
      isRemote === true
        ? note("exposed", `${door}, open to other machines`, "listen.allow_remote is set.")
        : good("exposed", `${door}, this machine only`),
      ...inside,
    ];
  });
  await look("files", async () => {
    const { value } = await client.call("explainConfig", { query: { key: "fs.roots" } });
    return checkRoots(Array.isArray(value) ? value.map(String) : []);
  });
  return findings;
}

/** The owner's folders. Runs go without one that cannot be reached, so somebody has to say it. */
export async function checkRoots(roots: readonly string[]): Promise<Finding> {
  if (roots.length === 0) return good("files", "none open to requests over the network; `kai run` grants its own paths");
  const found = await Promise.all(roots.map((path) => realpath(path).catch(() => undefined)));
  const missing = roots.filter((_, index) => found[index] === undefined);
  if (missing.length === 0) return good("files", `open to requests: ${roots.join(", ")}`);
  return note(
    "files",
    `cannot be reached: ${missing.join(", ")}`,
    "Runs go without them. Make these folders, or take them out of fs.roots.",
  );
}
