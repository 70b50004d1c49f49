// Which format an image is in, by its first bytes; and what its name or sender say it is.

import type { Source } from "../source/source.ts";
import { unreadable } from "../source/unreadable.ts";

export const IMAGE_FORMATS = ["png", "jpg", "gif", "webp", "avif", "heic", "tiff", "bmp", "ico", "svg", "jp2", "jxl", "psd"] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

export const MEDIA_TYPES: Readonly<Record<ImageFormat, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  heic: "image/heic",
  tiff: "image/tiff",
  bmp: "image/bmp",
  ico: "image/vnd.microsoft.icon",
  svg: "image/svg+xml",
  jp2: "image/jp2",
  jxl: "image/jxl",
  psd: "image/vnd.adobe.photoshop",
};

const SIGNATURES: readonly { readonly format: ImageFormat; readonly at?: number; readonly bytes: string }[] = [
  { format: "png", bytes: "\x89PNG\r\n\x1a\n" },
  { format: "jpg", bytes: "\xff\xd8\xff" },
  { format: "gif", bytes: "GIF87a" },
  { format: "gif", bytes: "GIF89a" },
  { format: "webp", at: 8, bytes: "WEBP" },
  { format: "avif", at: 4, bytes: "ftypavi" },
  { format: "heic", at: 4, bytes: "ftyphei" },
  { format: "heic", at: 4, bytes: "ftyphev" },
  { format: "heic", at: 4, bytes: "ftypmif1" },
  { format: "heic", at: 4, bytes: "ftypmsf1" },
  { format: "tiff", bytes: "II*\0" },
  { format: "tiff", bytes: "MM\0*" },
  { format: "bmp", bytes: "BM" },
  { format: "ico", bytes: "\0\0\x01\0" },
  { format: "jp2", at: 4, bytes: "jP  \r\n\x87\n" },
  { format: "jxl", at: 4, bytes: "JXL \r\n\x87\n" },
  { format: "jxl", bytes: "\xff\x0a" },
  { format: "psd", bytes: "8BPS" },
];
const SVG_START = /^(?:\s|<\?xml[^>]{0,300}\?>|<!--[\s\S]{0,2000}?-->|<!doctype(?:[^>[]|\[[^\]]{0,4000}\])*>)*<svg[\s>]/i;
const HEAD_BYTES = 8192;

const EXTENSIONS: Readonly<Record<string, ImageFormat>> = {
  jpeg: "jpg",
  jpe: "jpg",
  tif: "tiff",
  heif: "heic",
  apng: "png",
  dib: "bmp",
  j2k: "jp2",
};
const TYPES: Readonly<Record<string, ImageFormat>> = {
  "image/jpg": "jpg",
  "image/pjpeg": "jpg",
  "image/heif": "heic",
  "image/apng": "png",
  "image/x-icon": "ico",
};

/** Errors: `empty`, `unsupported`. */
export function imageFormat(bytes: Buffer, at: string): ImageFormat {
  if (bytes.length === 0) throw unreadable("empty", at, "It has no content (0 bytes).", "Check how it was saved or sent.");
  const head = bytes.toString("latin1", 0, HEAD_BYTES);
  const found = SIGNATURES.find(({ at: offset = 0, bytes: signature }) => head.startsWith(signature, offset));
  if (found !== undefined) return found.format;
  if (SVG_START.test(head.replace(/^\xef\xbb\xbf/, ""))) return "svg";
  throw unreadable("unsupported", at, "Its bytes are those of no image that is known here.", `Known are ${IMAGE_FORMATS.join(", ")}.`);
}

/** What sender or name say; nothing where they say nothing known. */
export function claimedImage(source: Pick<Source, "name" | "mediaType">): string | undefined {
  const type = source.mediaType?.split(";")[0]?.trim().toLowerCase();
  if (type !== undefined) return TYPES[type] ?? IMAGE_FORMATS.find((format) => MEDIA_TYPES[format] === type) ?? type;
  const extension = /\.([^.]+)$/.exec(source.name ?? "")?.[1]?.toLowerCase();
  if (extension === undefined) return undefined;
  return (
    EXTENSIONS[extension] ?? IMAGE_FORMATS.find((format) => format === extension) ?? OTHER_EXTENSIONS.find((other) => other === extension)
  );
}

/** Names that say it is no image at all. */
const OTHER_EXTENSIONS = ["pdf", "html", "htm", "txt", "zip", "exe", "js", "docx"] as const;
