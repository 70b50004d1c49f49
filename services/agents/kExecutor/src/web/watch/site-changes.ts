// What changed on a site between two looks: pages that came, went or read differently. Lines that the reader does not care about count as equal.

import { diffLines, type LineDiff } from "../../analysis/line-diff.ts";
import type { PageState, SiteState } from "./site-state.ts";

interface PageChange {
  readonly url: string;
  readonly titleBefore: string;
  readonly titleAfter: string;
  readonly diff: LineDiff;
}

export interface SiteChanges {
  readonly added: readonly PageState[];
  readonly removed: readonly PageState[];
  readonly changed: readonly PageChange[];
  readonly unchanged: number;
}

const CONTEXT_LINES = 1;

/** `ignored`: a line that holds one of these texts is left out on both sides. */
export async function siteChanges(before: SiteState, after: SiteState, ignored: readonly string[]): Promise<SiteChanges> {
  const changed: PageChange[] = [];
  let unchanged = 0;
  const textOf = ({ text }: PageState) =>
    ignored.length === 0
      ? text
      : text
          .split("\n")
          .filter((line) => !ignored.some((part) => line.includes(part)))
          .join("\n");
  for (const page of after.pages.values()) {
    const earlier = before.pages.get(page.url);
    if (earlier === undefined) continue;
    const diff = await diffLines(withBreak(textOf(earlier)), withBreak(textOf(page)), { context: CONTEXT_LINES });
    if (diff.hunks.length === 0 && earlier.title === page.title) unchanged += 1;
    else changed.push({ url: page.url, titleBefore: earlier.title, titleAfter: page.title, diff });
  }
  return {
    added: [...after.pages.values()].filter(({ url }) => !before.pages.has(url)),
    removed: [...before.pages.values()].filter(({ url }) => !after.pages.has(url)),
    changed,
    unchanged,
  };
}

/** So that the last line is a line like the others. */
function withBreak(text: string): string {
  return text === "" ? "" : `${text}\n`;
}
