// Tells what bytes are by looking at their beginning, and whether that fits what their sender says they are. It decodes and unpacks nothing.

import { KosError } from "@kos/klp";

/** As much of the beginning as is looked at. */
export const SNIFF_BYTES = 4096;

const SYNTAX = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/;
const UNKNOWN = "application/octet-stream";
const PLAIN = "text/plain";

/** First bytes, and at which offset, of formats that always begin so. */
const SIGNATURES: readonly { readonly type: string; readonly at?: number; readonly bytes: string }[] = [
  { type: "image/png", bytes: "\x89PNG\r\n\x1a\n" },
  { type: "image/jpeg", bytes: "\xff\xd8\xff" },
  { type: "image/gif", bytes: "GIF87a" },
  { type: "image/gif", bytes: "GIF89a" },
  { type: "image/webp", at: 8, bytes: "WEBP" },
  { type: "image/avif", at: 4, bytes: "ftypavif" },
  { type: "audio/wav", at: 8, bytes: "WAVE" },
  { type: "video/mp4", at: 4, bytes: "ftyp" },
  { type: "video/webm", bytes: "\x1a\x45\xdf\xa3" },
  { type: "audio/ogg", bytes: "OggS" },
  { type: "audio/mpeg", bytes: "ID3" },
  { type: "audio/flac", bytes: "fLaC" },
  { type: "application/pdf", bytes: "%PDF-" },
  { type: "application/zip", bytes: "PK\x03\x04" },
  { type: "application/zip", bytes: "PK\x05\x06" },
  { type: "application/gzip", bytes: "\x1f\x8b" },
  { type: "application/zstd", bytes: "\x28\xb5\x2f\xfd" },
  { type: "application/x-xz", bytes: "\xfd7zXZ\x00" },
  { type: "application/x-bzip2", bytes: "BZh" },
  { type: "application/x-7z-compressed", bytes: "7z\xbc\xaf\x27\x1c" },
  { type: "application/vnd.sqlite3", bytes: "SQLite format 3\x00" },
  { type: "application/wasm", bytes: "\x00asm" },
  { type: "application/x-executable", bytes: "\x7fELF" },
  { type: "application/x-executable", bytes: "\xcf\xfa\xed\xfe" },
  { type: "application/x-executable", bytes: "MZ" },
  { type: "font/woff2", bytes: "wOF2" },
];

/** Claims that a found type may rightly carry: formats built on another, and other names of the same. */
const ALSO: Readonly<Record<string, RegExp>> = {
  "application/zip":
    /^application\/(?:.*\+zip|x-zip-compressed|java-archive|vnd\.(?:openxmlformats-officedocument|oasis\.opendocument|android|ms-).*)$/,
  "application/gzip": /^application\/(?:x-gzip|x-tar|x-gtar|.*\+gzip)$/,
  "application/vnd.sqlite3": /^application\/(?:x-sqlite3|geopackage\+sqlite3)$/,
  "application/x-executable":
    /^application\/(?:x-elf|x-mach-binary|x-msdownload|vnd\.microsoft\.portable-executable|x-sharedlib|x-pie-executable)$/,
  "video/mp4": /^(?:audio\/(?:mp4|x-m4a)|video\/quicktime|image\/(?:heic|heif|avif))$/,
  "video/webm": /^(?:audio\/webm|video\/x-matroska|audio\/x-matroska)$/,
  "audio/ogg": /^(?:video\/ogg|application\/ogg|audio\/opus)$/,
  "audio/wav": /^audio\/(?:x-wav|wave|vnd\.wave)$/,
  "image/jpeg": /^image\/(?:jpg|pjpeg)$/,
};

const TEXTUAL =
  /^(?:text\/.+|application\/(?:.+\+(?:json|xml)|json|xml|ndjson|x-ndjson|javascript|ecmascript|yaml|x-yaml|toml|sql|graphql|x-sh)|image\/svg\+xml)$/;
const BY_EXTENSION: ReadonlyMap<string, string> = new Map([
  ["txt", PLAIN],
  ["log", PLAIN],
  ["md", "text/markdown"],
  ["csv", "text/csv"],
  ["html", "text/html"],
  ["htm", "text/html"],
  ["css", "text/css"],
  ["json", "application/json"],
  ["ndjson", "application/x-ndjson"],
  ["yaml", "application/yaml"],
  ["yml", "application/yaml"],
  ["xml", "application/xml"],
  ["svg", "image/svg+xml"],
]);

/** What the bytes are by their signature; `text/plain` for readable text, `application/octet-stream` for anything else. */
export function sniffMediaType(head: Uint8Array): string {
  const start = Buffer.from(head.subarray(0, 64)).toString("latin1");
  const found = SIGNATURES.find(({ at = 0, bytes }) => start.startsWith(bytes, at));
  if (found !== undefined && (found.type !== "application/x-executable" || !isText(head))) return found.type;
  return isText(head) ? PLAIN : UNKNOWN;
}

/**
 * The media type to keep. A claim that the bytes contradict is refused [R98]; without a claim the bytes decide, and for text the name's ending.
 * Parameters of the claim (`; charset=utf-8`) are dropped.
 * @throws KosError BAD_REQUEST.
 */
export function decideMediaType(claim: string | undefined, name: string, head: Uint8Array): string {
  const found = sniffMediaType(head);
  const claimed = (claim ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (claimed === "" || claimed === UNKNOWN) return found === PLAIN ? (BY_EXTENSION.get(extensionOf(name)) ?? PLAIN) : found;
  if (!SYNTAX.test(claimed)) throw new KosError("BAD_REQUEST", "The content type is not one. Write it like text/plain, or leave it out.");
  if (!fits(claimed, found, head.length === 0)) {
    throw new KosError(
      "BAD_REQUEST",
      `The content is said to be ${claimed}, but it is ${found === UNKNOWN ? "not" : found}. Send it with its own type, or without one.`,
      {
        details: { claimed, found },
      },
    );
  }
  return claimed;
}

function fits(claimed: string, found: string, isEmpty: boolean): boolean {
  if (isEmpty || claimed === found || ALSO[found]?.test(claimed) === true) return true;
  if (TEXTUAL.test(claimed)) return found === PLAIN;
  if (SIGNATURES.some(({ type }) => type === claimed) || Object.values(ALSO).some((also) => also.test(claimed))) return false;
  // A format without a signature known here: text and unknown bytes may be it, a known other format may not.
  return found === UNKNOWN || found === PLAIN;
}

/** UTF-8 without control characters but tab and line ends. A character cut off at the end of a longer text does not count. */
function isText(head: Uint8Array): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const text = decoder.decode(head, { stream: true });
    return !/[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f]/.test(text);
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
}
