// The capability site.recount: a site counted a second time, by another way, so that the report's numbers do not rest on one piece of code.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { Count } from "../../count-schema.ts";
import { MeasuredBySchema, measuredBy } from "../../measured-by.ts";
import type { WebAccess } from "../fetch/web-access.ts";
import { siteRecords } from "../site/site-lists.ts";
import { SiteSchema } from "../site/web-crawl.ts";
import { strict, Text } from "../web-schema.ts";
import { readSample, type SampledPage } from "./page-sample.ts";

const TEN_MINUTES_MS = 600_000;
const DEFAULT_SAMPLE = 10;
const MAX_DIFFERING = 20;

const RecountInput = Type.Object(
  {
    site: SiteSchema,
    sample: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 200,
        default: DEFAULT_SAMPLE,
        title: "Pages read again",
        description: "So many pages, evenly spread, are fetched once more and read by another parser.",
      }),
    ),
  },
  { ...strict, title: "site.recount input" },
);

export const RecountSchema = Type.Object(
  {
    pages: Count("Pages reached", "Pages that a walk over the recorded links reaches from the start and from what the sitemap names."),
    unreached: Count("Pages not reached", "Recorded pages to which no recorded link leads; none is expected."),
    repeated: Count("Recorded twice", "Addresses with more than one record; none is expected."),
    links: Count("Links", "Sum over the pages of the links recorded for each of their targets."),
    bytes: Count("Bytes", "Sum of the sizes of the pages reached."),
    sitemap_pages: Count("Pages in the sitemap", "Addresses of the sitemap that are recorded pages."),
    sample: Type.Object(
      {
        compared: Count("Compared", "Pages fetched once more that had the same length."),
        changed: Count("Changed", "Pages that had another length or did not come; nothing is said of them."),
        differing: Type.Array(
          Type.Object(
            {
              url: Text("Page", ""),
              what: Type.Enum(["title", "links"] as const),
              first: Text("By the crawl", ""),
              second: Text("By the tree", ""),
            },
            strict,
          ),
          { title: "Differing", description: "Pages of which another parser says something else; the first 20." },
        ),
      },
      { title: "Second reading" },
    ),
    measured_by: MeasuredBySchema,
  },
  { title: "site.recount output" },
);
export type Recount = Type.Static<typeof RecountSchema>;

interface Stop {
  readonly targets: readonly number[];
  readonly bytes: number | undefined;
}

export function siteRecount(access: WebAccess) {
  return defineCapability({
    name: "site.recount",
    title: "Count a site again",
    description:
      "Counts the pages of a crawled site by walking over the recorded links, and reads a few of them again by another parser. Errors: BAD_REQUEST for what is no site, NOT_FOUND when its records are gone, CANCELLED.",
    input: RecountInput,
    output: RecountSchema,
    effects: ["net.read"],
    output_labels: ["untrusted"],
    timeout_ms: TEN_MINUTES_MS,
    async run({ site, sample }, context) {
      const map = createSiteMap();
      const candidates: SampledPage[] = [];
      let [repeated, links] = [0, 0];
      for await (const record of siteRecords(site.records, context.artifacts)) {
        if (record.kind === "skipped") continue;
        if (!map.isNew(record.url)) {
          repeated += 1;
          continue;
        }
        if (record.kind === "redirect") map.put(record.url, [record.to], undefined);
        if (record.kind !== "page") continue;
        const { url, title, links_total, bytes, refresh } = record;
        map.put(url, [...record.links.map(({ to }) => to), ...(refresh === undefined ? [] : [refresh])], bytes);
        candidates.push({ url, title, links_total, bytes });
        // Links of a page beyond the number that is listed are only in its own total.
        links += Math.max(
          record.links.reduce((sum, { count }) => sum + count, 0),
          record.links.length >= 20_000 ? links_total : 0,
        );
      }
      const named = site.sitemap_list === undefined ? [] : await readLines(site.sitemap_list.hash, context.artifacts);
      const reached = map.walk([site.url, ...named]);
      const step = Math.max(1, Math.ceil(candidates.length / Math.max(1, sample ?? DEFAULT_SAMPLE)));
      const chosen = (sample ?? DEFAULT_SAMPLE) === 0 ? [] : candidates.filter((_, index) => index % step === 0);
      const { differing, ...second } = await readSample(chosen, access, context);
      return {
        pages: reached.pages,
        unreached: candidates.length - reached.pages,
        repeated,
        links,
        bytes: reached.bytes,
        sitemap_pages: named.filter((address) => map.isPage(address)).length,
        sample: { ...second, differing: differing.slice(0, MAX_DIFFERING).map((difference) => ({ ...difference })) },
        measured_by: measuredBy(context, "site.recount"),
      };
    },
  });
}

/** Addresses by number, so that the links of a large site fit. */
function createSiteMap() {
  const numbers = new Map<string, number>();
  const stops: (Stop | undefined)[] = [];
  const recorded = new Set<string>();
  const numberOf = (address: string) => {
    const known = numbers.get(address) ?? numbers.size;
    numbers.set(address, known);
    return known;
  };
  return {
    isNew(address: string): boolean {
      const isNew = !recorded.has(address);
      recorded.add(address);
      return isNew;
    },
    put(address: string, targets: readonly string[], bytes: number | undefined): void {
      stops[numberOf(address)] = { targets: targets.map(numberOf), bytes };
    },
    isPage: (address: string) => stops[numbers.get(address) ?? -1]?.bytes !== undefined,
    walk(starts: readonly string[]): { readonly pages: number; readonly bytes: number } {
      const visited = new Uint8Array(numbers.size + starts.length);
      const waiting = starts.map(numberOf);
      let [pages, bytes] = [0, 0];
      for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
        if (visited[number] === 1) continue;
        visited[number] = 1;
        const stop = stops[number];
        if (stop === undefined) continue;
        if (stop.bytes !== undefined) [pages, bytes] = [pages + 1, bytes + stop.bytes];
        for (const target of stop.targets) if (visited[target] !== 1) waiting.push(target);
      }
      return { pages, bytes };
    },
  };
}

async function readLines(hash: string, artifacts: { get(hash: string): Promise<Uint8Array> }): Promise<readonly string[]> {
  const text = Buffer.from(await artifacts.get(hash)).toString("utf8");
  return text.split("\n").filter((line) => line !== "");
}
