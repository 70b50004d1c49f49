// What the body of an answer is: HTML, other text, or bytes. By its declared type where there is one, by its beginning where there is none.

import { decodeText, type FetchResponse, headerValue, isJson, isText, looksLikeText, type MediaType, parseMediaType } from "@kos/egress";

type BodyForm = "html" | "text" | "bytes";

export interface PageBody {
  readonly form: BodyForm;
  /** As declared, without parameters; empty where nothing is. */
  readonly mediaType: string;
  /** Undefined for bytes. */
  readonly text: string | undefined;
  readonly charset: string | undefined;
  /** The declared charset, where the bytes are not in it. */
  readonly refuted: string | undefined;
}

export function mediaTypeOf(headers: FetchResponse["headers"]): MediaType {
  return parseMediaType(headerValue(headers, "content-type"));
}

export function isHtml({ essence }: MediaType): boolean {
  return essence === "text/html" || essence === "application/xhtml+xml";
}

export function readPageBody(response: FetchResponse): PageBody {
  const type = mediaTypeOf(response.headers);
  const mediaType = type.essence;
  const isReadable =
    response.decoded && (isHtml(type) || isText(type) || isJson(type) || (mediaType === "" && looksLikeText(response.bytes)));
  if (!isReadable) return { form: "bytes", mediaType, text: undefined, charset: undefined, refuted: undefined };
  const { text, charset, refuted } = decodeText(response.bytes, type);
  const form = isHtml(type) || (mediaType === "" && beginsAsHtml(text)) ? "html" : "text";
  return { form, mediaType, text, charset, refuted };
}

function beginsAsHtml(text: string): boolean {
  return /^\s*(?:<!--[\s\S]{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b/i.test(text.slice(0, 4096));
}
