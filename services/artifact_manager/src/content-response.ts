// How an artifact's bytes go over HTTP: headers that keep a browser from running them, and ranges. It sends nothing itself.

import type { Artifact } from "@kos/api";

export interface ContentResponse {
  /** 416: the range lies outside; there is no body. */
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** What to read; end exclusive. Absent where there is no body. */
  readonly range?: { readonly start: number; readonly end: number };
}

export interface ContentRequest {
  /** The request's `Range` header. More than one range, or another unit, is answered with the whole. */
  readonly range?: string | undefined;
  /** The request's `If-None-Match` header. */
  readonly ifNoneMatch?: string | undefined;
}

/** Types that may be shown in place; everything else is offered for download. None of them can run script under these headers. */
const INLINE = /^(?:image\/(?:png|jpeg|gif|webp|avif)|text\/(?:plain|csv|markdown)|application\/(?:json|x-ndjson)|audio\/.+|video\/.+)$/;
const RANGE = /^bytes=(\d*)-(\d*)$/;

/** Headers and range of an answer [R93] [R98] [R139]. */
export function contentResponse(artifact: Artifact, request: ContentRequest = {}): ContentResponse {
  const etag = `"${artifact.hash}"`;
  const headers: Record<string, string> = {
    "content-type": TEXT.test(artifact.media_type) ? `${artifact.media_type}; charset=utf-8` : artifact.media_type,
    "content-disposition": contentDisposition(artifact.name, INLINE.test(artifact.media_type) ? "inline" : "attachment"),
    "content-security-policy":
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-cache",
    "accept-ranges": "bytes",
    etag,
  };
  if (request.ifNoneMatch?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag || tag.trim() === "*") === true)
    return { status: 304, headers };
  const range = parseRange(request.range, artifact.bytes);
  if (range === "outside") return { status: 416, headers: { ...headers, "content-range": `bytes */${artifact.bytes}` } };
  if (range === undefined)
    return { status: 200, headers: { ...headers, "content-length": String(artifact.bytes) }, range: { start: 0, end: artifact.bytes } };
  return {
    status: 206,
    headers: {
      ...headers,
      "content-length": String(range.end - range.start),
      "content-range": `bytes ${range.start}-${range.end - 1}/${artifact.bytes}`,
    },
    range,
  };
}

const TEXT = /^(?:text\/.+|application\/(?:json|x-ndjson|yaml|xml))$/;

/** RFC 6266 with an ASCII fallback; the name's folders and leading dots are left out, so that no client writes outside its folder [R92] [R93]. */
export function contentDisposition(name: string, kind: "inline" | "attachment"): string {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? "";
  const base = last
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/gu, "_")
    .replace(/^[.\s]+/, "")
    .replace(/[.\s]+$/, "")
    .slice(0, 200)
    .toWellFormed();
  const safe = base === "" ? "artifact" : base;
  const fallback = safe.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(safe).replaceAll(/['()*!]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename="${fallback}"; filename*=UTF-8''${encoded}`;
}

/** RFC 9110 section 14: one range. Undefined: send the whole. */
function parseRange(header: string | undefined, bytes: number): { readonly start: number; readonly end: number } | "outside" | undefined {
  const [, first = "", last = ""] = RANGE.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? "outside" : { start: bytes - length, end: bytes };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= bytes) return "outside";
  return { start, end: last === "" ? bytes : Math.min(Number(last) + 1, bytes) };
}
