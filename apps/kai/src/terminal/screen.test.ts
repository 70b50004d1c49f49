import { describe, expect, it } from "vitest";
import { createScreen } from "./screen.ts";

/** A terminal of rows, that knows what the screen may send: cursor up, erase, carriage return, line feed. */
function fakeTerminal(columns: number) {
  const rows: string[] = [""];
  let row = 0;
  let column = 0;
  let cursor = true;
  return {
    rows: () => rows.map((line) => line.trimEnd()).filter((line, place) => line !== "" || place < rows.length - 1),
    cursor: () => cursor,
    write(text: string) {
      for (const [, up, erase, mode, character] of text.matchAll(/\u001b\[(\d+)A|\u001b\[(J|K)|\u001b\[\?25(h|l)|([\s\S])/g)) {
        if (up !== undefined) row -= Number(up);
        else if (erase === "K") rows[row] = (rows[row] ?? "").slice(0, column);
        else if (erase === "J") rows.splice(row, rows.length, (rows[row] ?? "").slice(0, column));
        else if (mode !== undefined) cursor = mode === "h";
        else if (character === "\r") column = 0;
        else if (character === "\n") {
          row += 1;
          column = 0;
          rows[row] ??= "";
        } else {
          if (column >= columns) {
            row += 1;
            column = 0;
          }
          const line = (rows[row] ?? "").padEnd(column);
          rows[row] = line.slice(0, column) + character + line.slice(column + 1);
          column += 1;
        }
      }
    },
  };
}

describe("the live screen", () => {
  it("draws over its own lines only, and keeps what is printed above", () => {
    const terminal = fakeTerminal(40);
    const screen = createScreen({ write: terminal.write, columns: () => 40 });
    terminal.write("before\n");
    screen.draw(["one", "two longer", "three"]);
    screen.draw(["one!", "two"]);
    expect(terminal.rows()).toEqual(["before", "one!", "two"]);
    expect(terminal.cursor()).toBe(false);
    screen.above(["said"]);
    expect(terminal.rows()).toEqual(["before", "said", "one!", "two"]);
    screen.clear();
    expect(terminal.rows()).toEqual(["before", "said"]);
    expect(terminal.cursor()).toBe(true);
  });
});
