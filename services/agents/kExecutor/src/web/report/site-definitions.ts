// What each number of a site report means and which task obtained it, as the last section of the report.

import { formatCount } from "../../render/amount.ts";
import { markdownTable as table } from "../../render/markdown-table.ts";
import { markdownCode } from "../../render/markdown-text.ts";
import type { SiteData } from "./site-data.ts";

const DEFINITIONS: readonly (readonly [key: string, label: string, definition: string])[] = [
  [
    "pages_total",
    "Pages",
    "HTML documents that answered with a status of 2xx, each address once, after redirects, without fragment and with its query; documents of other types are listed apart",
  ],
  ["links_total", "Links", "`<a>` and `<area>` whose href leads to an http or https address, each one counted, also those within the page"],
  ["bytes_total", "Size", "length of the body of the page, decompressed, as it came"],
  [
    "dead_links",
    "Dead links",
    "pairs of a page and a target, each once: the target answers with a status of 400 and above (not 401, 402, 403, 407, 429, 451), has no such host, refuses the connection, does not answer in time or redirects without end; each was asked for at least twice",
  ],
  ["missing_titles", "Missing titles", "pages whose first `<title>` is missing or blank"],
  ["duplicate_titles", "Shared titles", "titles that several pages have, letter by letter, white space made plain"],
  [
    "reading",
    "Reading level",
    "LIX: words in a sentence plus the percentage of words of more than six letters, over whole sentences of the content; Flesch for English; of a site the median of its pages",
  ],
  ["keywords", "Keywords", "the commonest words of the pages' content without stop words"],
];

export function definitions(data: SiteData): readonly string[] {
  const rows = DEFINITIONS.map(([key, label, definition]) => {
    const origin = data.provenance[key];
    const check = origin?.checked_by;
    const second =
      check === undefined ? "" : `; checked by ${markdownCode(check.task)}: ${check.agrees ? "the same" : formatCount(check.value)}`;
    return [label, definition, origin === undefined ? "–" : `${markdownCode(origin.task)} (${origin.capability})${second}`];
  });
  const { sample } = data.recount;
  const read =
    sample.compared === 0
      ? "No page was read a second time."
      : `${formatCount(sample.compared)} pages were fetched once more and read by another parser; titles and links ${sample.differing.length === 0 ? "are the same" : `differ on ${formatCount(sample.differing.length)}`}.`;
  return [
    "## How each number was obtained",
    `Every number comes from a task of the plan, whose input and output the evidence of the run holds. ${read}`,
    table(["Number", "Definition", "Task"], rows),
  ];
}
