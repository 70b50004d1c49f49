// Commands about the node itself: config explain, audit verify, login-link, stop.

import { KosError, safeText } from "@kos/klp";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { formatNumber, formatTime } from "../format/quantity.ts";

export const configExplain: Command = {
  name: "config explain",
  group: "This node",
  summary: "a setting's value, and which layer set it",
  args: [{ name: "key", about: "the setting, levels joined by dots: listen.port" }],
  examples: [["config explain listen.port", "where 3000 comes from"]],
  async perform(kai, input) {
    const session = await kai.connect();
    const found = await session.client.call("explainConfig", { query: { key: input.args[0] ?? "" } });
    const { terminal } = kai;
    if (terminal.isJson) terminal.json(found);
    else {
      const line = (layer: string, value: unknown, file: string | undefined) =>
        `${layer.padEnd(12)} ${safeText(JSON.stringify(value) ?? "unset")}${file === undefined ? "" : terminal.style.dim(`  ${safeText(file)}`)}`;
      terminal.print(`${terminal.style.bold(safeText(found.key))} = ${safeText(JSON.stringify(found.value) ?? "unset")}`);
      terminal.print(`  ${terminal.style.good("set by")}  ${line(found.layer, found.value, found.file)}`);
      terminal.print(
        ...found.overridden.map((layer) => `  ${terminal.style.dim("over  ")}  ${line(layer.layer, layer.value, layer.file)}`),
      );
    }
    return EXIT.done;
  },
};

export const auditVerify: Command = {
  name: "audit verify",
  group: "Evidence",
  summary: "check the node's whole signed log, and say where it is damaged",
  examples: [["audit verify", "read and check every event"]],
  async perform(kai) {
    const session = await kai.connect();
    const report = await session.client.call("verifyAudit", {});
    const { terminal } = kai;
    if (terminal.isJson) terminal.json(report);
    else {
      terminal.print(
        ...report.partitions.map(({ partition, events, signed_size, payloads_removed, ok, first_bad, problem, plan_id }) =>
          [
            ok ? terminal.style.good("✓") : terminal.style.bad("✗"),
            `partition ${partition}: ${formatNumber(events)} events, ${formatNumber(signed_size)} signed`,
            ...(payloads_removed > 0 ? [terminal.style.dim(`${formatNumber(payloads_removed)} payloads removed`)] : []),
            ...(ok
              ? []
              : [[safeText(problem ?? "damaged"), first_bad === undefined ? "" : `first at ${first_bad}`, plan_id ?? ""].join(" ").trim()]),
          ].join("  "),
        ),
        report.ok
          ? terminal.style.good(`${formatNumber(report.checked)} events checked; the log is whole.`)
          : terminal.style.bad("The log is damaged."),
      );
    }
    return report.ok ? EXIT.done : EXIT.failed;
  },
};

export const loginLink: Command = {
  name: "login-link",
  group: "This node",
  summary: "a one-time link that signs a browser in",
  examples: [["login-link", "open it within two minutes"]],
  async perform(kai) {
    const session = await kai.attach();
    if (session === undefined) {
      throw new KosError("UNAVAILABLE", `No node is running for ${kai.dataFolder}. Start one with \`${kai.invocation} up\`.`);
    }
    const link = await session.client.call("loginLink", {});
    if (kai.terminal.isJson) kai.terminal.json(link);
    else {
      kai.terminal.print(safeText(link.url));
      kai.terminal.remark(`Good once, until ${formatTime(link.expires_at, kai.machine.now())}. Whoever has it is you.`);
    }
    return EXIT.done;
  },
};

export const stop: Command = {
  name: "stop",
  group: "This node",
  summary: "end the running node; open plans go on at its next start",
  examples: [["stop", "what runs is put back or ends first"]],
  async perform(kai) {
    const session = await kai.attach();
    const { terminal } = kai;
    if (session === undefined) {
      if (terminal.isJson) terminal.json({ status: "not running" });
      else terminal.print("No node is running.");
      return EXIT.done;
    }
    const answer = await session.client.call("stopNode", {});
    if (terminal.isJson) terminal.json(answer);
    else terminal.print(`The node at ${session.node.url} is ending.`);
    return EXIT.done;
  },
};
