// Finds pages that are one page under many queries: what a server answers whatever it is asked leads nowhere new.

import type { PageRecord } from "./site-record.ts";

export interface Sameness {
  /** Takes note of a page; false once so many with its path had the very same title and text that its links are not worth following. */
  isNew(page: PageRecord): boolean;
}

const MAX_SAME = 10;

export function createSameness(): Sameness {
  const seen = new Map<string, number>();
  return {
    isNew({ url, title, text_hash, words }) {
      const query = url.indexOf("?");
      if (query < 0 || words === 0) return true;
      const key = `${text_hash} ${url.slice(0, query)} ${title}`;
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      return count <= MAX_SAME;
    },
  };
}
