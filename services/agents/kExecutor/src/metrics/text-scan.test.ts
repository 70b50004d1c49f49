import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { createTextScan, MARKERS, type TextFindings } from "./text-scan.ts";

function scan(content: string | Buffer, blockBytes = 1_000_000): TextFindings {
  const bytes = Buffer.from(content);
  const textScan = createTextScan();
  for (let at = 0; at < bytes.length; at += blockBytes) textScan.feed(bytes.subarray(at, at + blockBytes));
  return textScan.end();
}

/** Standard output of a shell line; grep answers 1 for no match. */
function shell(line: string, file: string): number {
  return Number(
    execFileSync("sh", ["-c", `${line} || true`, "sh", file], { env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" } }).toString(),
  );
}

describe("createTextScan", () => {
  test.each([
    ["", 0, 0],
    ["a", 1, 0],
    ["a\n", 1, 0],
    ["a\nb", 2, 0],
    ["\n\n", 2, 2],
    ["a\r\n \t\r\n", 2, 1],
    ["\r\r", 1, 1],
    ["a\n ", 2, 1],
  ])("%j has %d lines, %d of them blank", (text, lines, blank) => {
    expect(scan(text)).toMatchObject({ lines, blank });
  });

  test("finds markers as whole words only, in upper case only, each line once", () => {
    const text =
      "TODO: a\nTODOS\n_TODO\n# FIXME/TODO twice TODO\nxTODO TODO(me)\ntodo Todo\nXXXX XXX\n1HACK HACK1\n\u00e9TODO TODO\u00e9\n\u2014TODO\u2014\nTODO";
    const findings = scan(text);
    expect(findings.items.map((item) => [item.line, item.marker])).toEqual([
      [1, "TODO"],
      [4, "FIXME"],
      [5, "TODO"],
      [7, "XXX"],
      [10, "TODO"],
      [11, "TODO"],
    ]);
    expect(findings).toMatchObject({ marked: 6, markedBy: { TODO: 5, FIXME: 1, XXX: 1, HACK: 0 } });
    expect(findings.items[2]?.text).toBe("TODO(me)");
  });

  test("gives the same counts as wc and grep, however the bytes arrive", () => {
    using tree = temporaryTree();
    const piece = fc.constantFrom(
      "TODO",
      "FIXME",
      "XXX",
      "HACK",
      "\n",
      "\n",
      " ",
      "a",
      "_",
      "9",
      "\u00e9",
      "-",
      "(",
      "\t",
      "\r\n",
      "TO",
      "DO",
      "X",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (pieces, blockBytes) => {
        const text = pieces.join("");
        tree.write("file", text);
        const file = join(tree.path, "file");
        const findings = scan(text, blockBytes);
        const unterminated = text === "" || text.endsWith("\n") ? 0 : 1;
        expect(findings.lines).toBe(shell('wc -l < "$1"', file) + unterminated);
        expect(findings.marked).toBe(shell(`grep -cwE '${MARKERS.join("|")}' "$1"`, file));
        expect(findings.markedBy.XXX).toBe(shell('grep -cw XXX "$1"', file));
      }),
      { numRuns: 60 },
    );
  });

  test("a line longer than memory should hold counts once, its markers wherever it is cut", () => {
    for (const before of [65_530, 65_536, 65_540, 131_000, 131_072, 131_100]) {
      for (const [text, marked] of [
        ["a TODO b", 1],
        ["aTODO b", 0],
        ["a TODOb", 0],
        ["a TODO\u00e9", 0],
        ["\u00e9TODO", 0],
        ["TODO TODO", 1],
      ] as const) {
        const line = `${" ".repeat(before)}${text}${"-".repeat(70_000)}\n TODO`;
        for (const block of [1000, 65_537, 1_000_000])
          expect([before, text, block, scan(line, block).marked, scan(line, block).lines]).toEqual([before, text, block, marked + 1, 2]);
      }
    }
    expect(scan(" ".repeat(300_000), 4096)).toMatchObject({ lines: 1, blank: 1 });
  });

  test("keeps at most 200 lines of a file, and a short piece of each", () => {
    const findings = scan(`TODO ${"x".repeat(5000)}\n`.repeat(1000));
    expect([findings.marked, findings.items.length, findings.items[0]?.text.length]).toEqual([1000, 200, 160]);
  });
});
