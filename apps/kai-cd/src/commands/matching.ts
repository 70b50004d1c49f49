// Which commands a typed text means: all of its words occur, those that begin with it first.

import type { Command } from "./command.ts";

export function matching(commands: readonly Command[], text: string): readonly Command[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const fits = commands.filter((command) => {
    const name = `${command.group} ${command.label}`.toLowerCase();
    return words.every((word) => name.includes(word));
  });
  const [first = ""] = words;
  const begins = (command: Command) => Number(!command.label.toLowerCase().startsWith(first));
  return first === "" ? fits : fits.toSorted((one, other) => begins(one) - begins(other));
}
