// How the demonstration speaks: a numbered heading and the reason for each step, and what it took; or one JSON object a step.

import type { Kai } from "../command.ts";
import { formatDuration } from "../format/quantity.ts";
import { wrap } from "../format/text-width.ts";

export interface DemoStage {
  /** Opens a step, and says why it is there. */
  begin(id: string, title: string, why: string): void;
  /** A line of what was seen. */
  say(...lines: readonly string[]): void;
  /** Closes the step with facts for programs. */
  end(facts: Readonly<Record<string, unknown>>): void;
  /** Milliseconds by step, in order. */
  times(): readonly (readonly [title: string, ms: number])[];
}

export function createDemoStage({ terminal, machine }: Pick<Kai, "terminal" | "machine">, steps: number): DemoStage {
  const { style } = terminal;
  const times: (readonly [string, number])[] = [];
  let current = { id: "", title: "", startedAtMs: 0 };
  const print = (lines: readonly string[]) => {
    if (!terminal.isJson) terminal.print(...lines);
  };
  return {
    begin(id, title, why) {
      current = { id, title, startedAtMs: machine.now() };
      const width = terminal.width() - 2;
      const heading = `${style.accent(`${times.length + 1}/${steps}`)} ${style.bold(title)}`;
      print(["", heading, ...wrap(why, width).map((line) => style.dim(`  ${line}`))]);
    },
    say: (...lines) => print(lines.map((line) => `  ${line}`)),
    end(facts) {
      const ms = machine.now() - current.startedAtMs;
      times.push([current.title, ms]);
      if (terminal.isJson) terminal.json({ event: "step", step: current.id, took_ms: ms, ...facts });
      else print([style.dim(`  ${formatDuration(ms)}`)]);
    },
    times: () => times,
  };
}
