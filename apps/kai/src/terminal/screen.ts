// A few lines at the bottom of the terminal that are drawn again and again. What is printed above them stays.

import { textWidth } from "../format/text-width.ts";

export interface Screen extends Disposable {
  /** Replaces the live lines; each must fit the width, all of them the height. */
  draw(lines: readonly string[]): void;
  /** Prints lines that stay, above the live ones. */
  above(lines: readonly string[]): void;
  /** Takes the live lines away; they can be drawn again. */
  clear(): void;
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const ERASE_LINE_END = "\u001b[K";
const ERASE_BELOW = "\u001b[J";

export function createScreen(options: { readonly write: (text: string) => void; readonly columns: () => number }): Screen {
  let drawn: readonly string[] = [];
  let hidden = false;

  /** To the first live line. After the terminal became narrower a line may take several rows. */
  function home(): string {
    const columns = Math.max(1, options.columns());
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
    return rows === 0 ? "" : `\u001b[${rows}A\r`;
  }

  function write(lines: readonly string[]): string {
    return lines.map((line) => `${line}${ERASE_LINE_END}\n`).join("");
  }

  const screen: Screen = {
    draw(lines) {
      const hide = hidden ? "" : HIDE_CURSOR;
      hidden = true;
      options.write(hide + home() + write(lines) + ERASE_BELOW);
      drawn = lines;
    },
    above(lines) {
      options.write(home() + write(lines) + ERASE_BELOW + write(drawn));
    },
    clear() {
      options.write(home() + (drawn.length > 0 ? ERASE_BELOW : "") + (hidden ? SHOW_CURSOR : ""));
      hidden = false;
      drawn = [];
    },
    [Symbol.dispose]: () => screen.clear(),
  };
  return screen;
}
