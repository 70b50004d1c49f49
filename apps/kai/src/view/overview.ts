// What `kai` alone says: the few commands one needs first.

import type { Style } from "../format/style.ts";
import { padEnd } from "../format/text-width.ts";

const FIRST = [
  ["kai run repo-report --path DIR", "run the main job: a report on a code base"],
  ["kai ps", "what ran and what is running"],
  ["kai show last", "the newest run: tasks, verdicts, output"],
  ["kai approve", "what waits for your decision"],
  ["kai up", "run the node in the foreground, with its web address"],
  ["kai playbooks", "what can be run"],
  ["kai doctor", "look for what is wrong here"],
  ["kai --help", "every command"],
] as const;

export function overviewLines(style: Style): readonly string[] {
  const columns = Math.max(...FIRST.map(([command]) => command.length));
  return [
    `${style.bold("kai")}, the terminal client of kOS: run plans that survive crashes, watch them, prove what they did.`,
    "",
    ...FIRST.map(([command, about]) => `  ${style.accent(padEnd(command, columns))}  ${style.dim(about)}`),
  ];
}
