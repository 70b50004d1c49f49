import { expect, test } from "vitest";
import { blocksOf } from "./prose-blocks.ts";

test("documentation falls into paragraphs and lists, with lines joined as they belong", () => {
  expect(blocksOf("One\nparagraph.\n\n- first\n  goes on\n- second - with a dash\n\n\nThe end.\n")).toEqual([
    { kind: "paragraph", text: "One paragraph." },
    { kind: "list", items: ["first goes on", "second - with a dash"] },
    { kind: "paragraph", text: "The end." },
  ]);
  expect(blocksOf(" \n\n")).toEqual([]);
});
