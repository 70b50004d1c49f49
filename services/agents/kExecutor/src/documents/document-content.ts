// What every reader makes of its format, before it is bounded for an output.

import type { Progress } from "@kos/agent";

export const WARNING_CODES = [
  "format_mismatch",
  "charset_guessed",
  "active_content",
  "embedded_files",
  "external_content",
  "hidden_characters",
  "no_text",
  "part_unreadable",
  "simplified",
  "truncated",
] as const;

export interface DocumentWarning {
  readonly code: (typeof WARNING_CODES)[number];
  /** One sentence in plain words. */
  readonly message: string;
}

export interface DocumentHeading {
  /** 1 to 6. */
  readonly level: number;
  readonly text: string;
}

export interface DocumentLink {
  readonly url: string;
  readonly text: string;
}

export interface DocumentContent {
  readonly markdown: string;
  readonly text: string;
  readonly title?: string | undefined;
  readonly author?: string | undefined;
  /** As the document states it, a BCP 47 tag where it is right. */
  readonly language?: string | undefined;
  readonly pages?: number | undefined;
  readonly headings: readonly DocumentHeading[];
  readonly links: readonly DocumentLink[];
  readonly metadata: Readonly<Record<string, string | undefined>>;
  readonly warnings: readonly DocumentWarning[];
}

/** What a reader is given beside the bytes. */
export interface ReadingContext {
  /** JSON pointer of the param that named the source, for errors. */
  readonly at: string;
  readonly mediaType: string | undefined;
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}
