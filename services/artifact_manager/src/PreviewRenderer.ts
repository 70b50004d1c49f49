// What of an artifact a browser may show in place, and under which headers: only on the content origin, locked into an origin of its own,
// without script, without a way out. It reads and sends nothing.

import type { Artifact } from "@kos/api";
import { KosError } from "@kos/klp";

export interface PreviewResponse {
  readonly status: 200;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes to send, from the first; larger texts are cut off. */
  readonly bytes: number;
}

/** Shown as what they are. */
const PAGES = /^(?:text\/html|application\/xhtml\+xml|image\/svg\+xml|image\/(?:png|jpeg|gif|webp|avif))$/;
/** Shown as plain text, whatever a browser might do with the type itself [R95]. */
const TEXTS = /^(?:text\/.+|application\/(?:json|x-ndjson|yaml|xml))$/;
/** A browser takes long to lay out more. */
const MOST_TEXT_BYTES = 2 * 1024 * 1024;
const MOST_PAGE_BYTES = 64 * 1024 * 1024;

/**
 * `framedBy`: origins of the console; nobody else may frame it.
 * Errors: BAD_REQUEST for what is not shown in place: a PDF, whose viewer takes no policy, archives and everything unknown [R94]; TOO_LARGE.
 */
export function previewResponse(artifact: Artifact, framedBy: readonly string[]): PreviewResponse {
  const type = (artifact.media_type.split(";", 1)[0] ?? "").trim().toLowerCase();
  const isPage = PAGES.test(type);
  if (!isPage && !TEXTS.test(type)) throw new KosError("BAD_REQUEST", `Files of type ${type} are not shown in place. Download it instead.`);
  if (isPage && artifact.bytes > MOST_PAGE_BYTES)
    throw new KosError("TOO_LARGE", "This file is too large to be shown. Download it instead.");
  const bytes = isPage ? artifact.bytes : Math.min(artifact.bytes, MOST_TEXT_BYTES);
  return {
    status: 200,
    bytes,
    headers: {
      "content-type": isPage ? withCharset(type) : "text/plain; charset=utf-8",
      "content-length": String(bytes),
      "content-disposition": "inline",
      "content-security-policy": [
        "sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        `frame-ancestors ${framedBy.join(" ")}`,
      ].join("; "),
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "no-referrer",
    },
  };
}

function withCharset(type: string): string {
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type;
}
