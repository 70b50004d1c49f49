// A few pages of a site asked for once more and read by another parser, as a second opinion on what the crawl says of them.

import type { CapabilityContext } from "@kos/agent";
import { isKosError } from "@kos/klp";
import { throwIfAborted } from "../../task-error.ts";
import { pageAddress } from "../address/page-address.ts";
import { readPageBody } from "../fetch/page-body.ts";
import type { WebAccess } from "../fetch/web-access.ts";
import type { PageRecord } from "../site/site-record.ts";

export interface SampleFindings {
  /** Pages that came as long as before, so that both readings are of the same text. */
  readonly compared: number;
  /** Pages that have changed or did not come again; nothing is said of them. */
  readonly changed: number;
  readonly differing: readonly {
    readonly url: string;
    readonly what: "title" | "links";
    readonly first: string;
    readonly second: string;
  }[];
}

export type SampledPage = Pick<PageRecord, "url" | "title" | "links_total" | "bytes">;

const TIMEOUT_MS = 20_000;
/** A tree of a larger page costs more than a sample is worth. */
const MAX_BYTES = 1_048_576;

/** Errors: CANCELLED. */
export async function readSample(
  pages: readonly SampledPage[],
  access: WebAccess,
  context: Pick<CapabilityContext, "signal" | "now">,
): Promise<SampleFindings> {
  const differing: SampleFindings["differing"][number][] = [];
  let compared = 0;
  for (const page of pages) {
    const again = await readAgain(page, access, context);
    if (again === undefined) continue;
    compared += 1;
    if (again.title !== page.title) differing.push({ url: page.url, what: "title", first: page.title, second: again.title });
    if (again.links !== page.links_total) {
      differing.push({ url: page.url, what: "links", first: String(page.links_total), second: String(again.links) });
    }
  }
  return { compared, changed: pages.length - compared, differing };
}

async function readAgain(
  page: SampledPage,
  access: WebAccess,
  context: Pick<CapabilityContext, "signal" | "now">,
): Promise<{ readonly title: string; readonly links: number } | undefined> {
  if (page.bytes > MAX_BYTES) return undefined;
  try {
    const manners = access.mannersFor(page.url, {});
    const response = await access.request(
      { url: page.url, method: "GET", redirect: "manual", timeoutMs: TIMEOUT_MS, maxBytes: page.bytes + 1, overflow: "truncate", manners },
      context,
    );
    if (response.status !== 200 || response.bytes.byteLength !== page.bytes) return undefined;
    const { text } = readPageBody(response);
    return text === undefined ? undefined : await readTree(text, page.url);
  } catch (error) {
    throwIfAborted(context.signal);
    if (isKosError(error)) return undefined;
    throw error;
  }
}

/** By the tree a browser would build, where the crawl reads tag by tag. */
async function readTree(html: string, url: string): Promise<{ readonly title: string; readonly links: number }> {
  const { parseHTML } = await import("linkedom");
  const { document } = parseHTML(html);
  const base = pageAddress(document.querySelector("base[href]")?.getAttribute("href") ?? url, url) ?? url;
  const anchors = [...document.querySelectorAll("a[href], area[href]")].filter(
    (anchor) => anchor.closest("template, svg, iframe, object, canvas") === null,
  );
  const title = [...document.querySelectorAll("title")].find((element) => element.closest("svg, template") === null);
  return {
    title: (title?.textContent ?? "").replace(/\s+/g, " ").trim(),
    links: anchors.filter((anchor) => pageAddress(anchor.getAttribute("href") ?? "", base) !== undefined).length,
  };
}
