// What a site is about: the terms that stand on several of its pages more often than chance, from the commonest terms of each page.

import type { PageRecord } from "../site/site-record.ts";

export interface Keyword {
  readonly term: string;
  /** Occurrences on the pages where it is one of the commonest terms. */
  readonly count: number;
  readonly pages: number;
}

const MAX_KEYWORDS = 30;
/** One page that repeats a word does not make it the site's. */
const MOST_OF_ONE_PAGE = 5;

/**
 * Ranked by the sum over the pages of the term's count there, each page counting for at most five, and pages with the same text once. Stop words
 * are gone already.
 */
export function siteKeywords(pages: readonly PageRecord[]): readonly Keyword[] {
  const terms = new Map<string, { count: number; pages: number; weight: number }>();
  const texts = new Set<string>();
  for (const page of pages) {
    if (texts.has(page.text_hash)) continue;
    texts.add(page.text_hash);
    for (const [term, count] of page.terms) {
      const known = terms.get(term) ?? { count: 0, pages: 0, weight: 0 };
      terms.set(term, known);
      known.count += count;
      known.pages += 1;
      known.weight += Math.min(count, MOST_OF_ONE_PAGE);
    }
  }
  return [...terms]
    .sort(([one, left], [other, right]) => right.weight - left.weight || (one < other ? -1 : 1))
    .slice(0, MAX_KEYWORDS)
    .map(([term, { count, pages: on }]) => ({ term, count, pages: on }));
}
