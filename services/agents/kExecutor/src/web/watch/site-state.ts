// What is remembered of a site until the next look: its pages with their text, in one artifact. It compares nothing.

import type { ArtifactRef, CapabilityContext } from "@kos/agent";
import { isKosError } from "@kos/klp";
import { badParam } from "../../task-error.ts";
import type { SiteRecord } from "../site/site-record.ts";

export interface PageState {
  readonly url: string;
  readonly title: string;
  /** A block of the page a line. */
  readonly text: string;
}

export interface SiteState {
  readonly url: string;
  readonly taken_at: string;
  /** By address. */
  readonly pages: ReadonlyMap<string, PageState>;
}

interface StateHead {
  readonly site_state: 1;
  readonly url: string;
  readonly taken_at: string;
}

const MAX_PAGE_CHARS = 100_000;
const MAX_STATE_BYTES = 134_217_728;

export async function writeState(state: SiteState, name: string, artifacts: CapabilityContext["artifacts"]): Promise<ArtifactRef> {
  const head: StateHead = { site_state: 1, url: state.url, taken_at: state.taken_at };
  const lines = [head, ...state.pages.values()].map((line) => `${JSON.stringify(line)}\n`);
  return await artifacts.put({ name: `${name}.state.ndjson`, media_type: "application/x-ndjson", content: lines.join("") });
}

/** Undefined where the artifact is gone. Errors: BAD_REQUEST at `at` for what is no state; TOO_LARGE. */
export async function readState(hash: string, at: string, artifacts: CapabilityContext["artifacts"]): Promise<SiteState | undefined> {
  let content: Uint8Array;
  try {
    content = await artifacts.get(hash, { maxBytes: MAX_STATE_BYTES });
  } catch (error) {
    if (isKosError(error, "NOT_FOUND")) return undefined;
    throw error;
  }
  const [head, ...pages] = Buffer.from(content).toString("utf8").trimEnd().split("\n").map(parseLine);
  if (!isHead(head) || !pages.every(isPage)) {
    throw badParam(
      at,
      "The artifact is no state of a site.",
      "Pass the output of an earlier run, or the artifact name.state.ndjson of one.",
    );
  }
  return { url: head.url, taken_at: head.taken_at, pages: new Map(pages.map((page) => [page.url, page])) };
}

/** The pages of a crawl that kept their text. Errors: BAD_REQUEST where it did not. */
export async function stateOf(url: string, takenAt: string, records: AsyncIterable<SiteRecord>): Promise<SiteState> {
  const pages = new Map<string, PageState>();
  for await (const record of records) {
    if (record.kind !== "page") continue;
    if (record.text === undefined) throw badParam("/site", "The crawl did not keep the text of the pages.", "Crawl with keep_text: true.");
    pages.set(record.url, { url: record.url, title: record.title, text: record.text.slice(0, MAX_PAGE_CHARS).toWellFormed() });
  }
  return { url, taken_at: takenAt, pages: new Map([...pages].sort(([one], [other]) => (one < other ? -1 : 1))) };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isHead(value: unknown): value is StateHead {
  return hasTexts(value, ["url", "taken_at"]) && (value as { readonly site_state?: unknown }).site_state === 1;
}

function isPage(value: unknown): value is PageState {
  return hasTexts(value, ["url", "title", "text"]);
}

function hasTexts(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === "string")
  );
}
