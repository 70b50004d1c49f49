import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CommandInput } from "../command.ts";
import { createTestMachine } from "../testing/test-machine.ts";
import { composedWork } from "./composed-work.ts";

async function work(
  given: readonly string[],
  options: { readonly want?: string; readonly through?: string; readonly without?: readonly string[] } = {},
) {
  const machine = await createTestMachine();
  await mkdir(join(machine.cwd, "sub"));
  await writeFile(join(machine.cwd, "a.txt"), "h\u00e9llo\n");
  await writeFile(join(machine.cwd, "bytes"), new Uint8Array([0xff, 0xfe, 0x80]));
  await writeFile(join(machine.cwd, "long.txt"), "x".repeat(1_048_577));
  const { want = "report", through, without = [] } = options;
  const texts: Readonly<Record<string, string | undefined>> = { want: want === "" ? undefined : want, through };
  const input: CommandInput = {
    args: [],
    declared: [],
    text: (option) => texts[option],
    count: () => undefined,
    list: (option) => (option === "given" ? given : without),
    flag: () => false,
    wants: () => true,
  };
  return { cwd: machine.cwd, ...(await composedWork(machine, input, [])) };
}

test("what is given becomes values: paths absolute and granted, numbers and JSON where nothing says that it is text", async () => {
  const { request, paths, cwd, shows } = await work([
    "url=https://example.org/?a=b",
    "path=sub",
    "title=2024",
    "pages=12",
    "deep=true",
    "list=[1, 2]",
    "odd=[not json",
    "name=7up",
  ]);
  expect(request).toEqual({
    given: {
      url: "https://example.org/?a=b",
      path: join(cwd, "sub"),
      title: "2024",
      pages: 12,
      deep: true,
      list: [1, 2],
      odd: "[not json",
      name: "7up",
    },
    want: "report",
  });
  expect(paths).toEqual([join(cwd, "sub")]);
  expect(shows).toEqual(["html", "markdown"]);
});

test("a type may be said, a file's text taken, and a sign in front meant as it is", async () => {
  const { request, paths, cwd } = await work(["before:text.plain=@a.txt", "root:fs.path=sub", "after=@@home", 'data.profile={"rows": 1}'], {
    want: "diff",
    through: "doc.text",
    without: ["a.b", "c.d"],
  });
  expect(request).toEqual({
    given: {
      before: { type: "text.plain", value: "h\u00e9llo\n" },
      root: { type: "fs.path", value: join(cwd, "sub") },
      after: "@home",
      "data.profile": { rows: 1 },
    },
    want: { type: "diff", through: "doc.text", without: ["a.b", "c.d"] },
  });
  expect(paths).toEqual([join(cwd, "sub")]);
});

test.each([
  [["url"], {}, /not NAME=VALUE/],
  [["=x"], {}, /not NAME=VALUE/],
  [["a=1", "a=2"], {}, /stands twice/],
  [["text=@none.txt"], {}, /no such file/],
  [["text=@bytes"], {}, /not UTF-8/],
  [["text=@long.txt"], {}, /larger than 1 MiB/],
  [["text=@sub"], {}, /folder/],
  [["url=x"], { want: "" }, /--want/],
])("%j is refused with what is wrong", async (given, options, message) => {
  await expect(work(given, options)).rejects.toThrow(message);
});
