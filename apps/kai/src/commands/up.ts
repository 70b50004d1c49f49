// `kai up`: the node in the foreground, with this terminal as its own.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { KosError } from "@kos/klp";
import type { Command, Kai } from "../command.ts";
import { EXIT } from "../exit-code.ts";

export const up: Command = {
  name: "up",
  group: "This node",
  summary: "run the node in the foreground",
  details: "It says where it is, where its data is and what to try next. Ctrl-C ends it; open plans go on at the next start.",
  options: [
    { flags: "--port <number>", about: "where it listens (default: listen.port of the configuration, 3000); 0 takes any free one" },
    { flags: "--workers <count>", about: "processes that do the work" },
    { flags: "--set <key=value>", about: "a setting for this run, above all others", isList: true },
  ],
  examples: [
    ["up", "on http://localhost:3000"],
    ["up --port 3100 --data ./try", "elsewhere, with data of its own"],
  ],
  async perform(kai, input) {
    const port = input.count("port", 0);
    const workers = input.count("workers", 1);
    const flags = [
      ...(port === undefined ? [] : ["--port", String(port)]),
      ...(workers === undefined ? [] : ["--workers", String(workers)]),
      ...input.list("set").flatMap((setting) => ["--set", setting]),
      ...(kai.terminal.isJson ? ["--announce", "json"] : []),
    ];
    return (await foreground(kai, ["--data", kai.dataFolder, "--mode", "service", ...flags])) as typeof EXIT.done;
  },
};

/** The node's exit code. Errors: UNAVAILABLE when it cannot be started at all. */
async function foreground({ machine }: Kai, args: readonly string[]): Promise<number> {
  if (!existsSync(machine.nodeProgram)) {
    throw new KosError("UNAVAILABLE", "The node is not built. Run `npm start` once in the checkout of kOS; it builds what is missing.");
  }
  const child = spawn(machine.runtime, [machine.nodeProgram, ...args], { stdio: "inherit", cwd: machine.cwd });
  // At a terminal Ctrl-C reaches the node by itself; without one it has only us.
  const atTerminal = machine.stdin.isTty || machine.stdout.isTty || machine.stderr.isTty;
  const stops = [
    machine.onInterrupt(() => {
      if (!atTerminal) child.kill("SIGINT");
    }),
    machine.onTerminate(() => child.kill("SIGTERM")),
  ];
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", (cause) => reject(new KosError("UNAVAILABLE", "The node could not be started.", { cause })));
      child.once("exit", (code, signal) => resolve(signal === null ? (code ?? EXIT.failed) : 128 + constants.signals[signal]));
    });
  } finally {
    for (const stop of stops) stop();
  }
}
