// Presents a response body as JSON, text or base64, by its declared type where the bytes agree, and notes where they do not.

import { decodeText, type FetchResponse, headerValue, isJson, isText, looksLikeText, type MediaType, parseMediaType } from "@kos/egress";
import type { HttpRequestOutput } from "./http-request-schema.ts";
import { readJson } from "./json-body.ts";

type Note = NonNullable<HttpRequestOutput["notes"]>[number];
export type PresentedBody = Pick<HttpRequestOutput, "body" | "media_type" | "charset" | "notes">;

/** Never fails: a body that is not what it claims is given as text or base64, with a note. */
export function presentBody(response: FetchResponse): PresentedBody {
  const mediaType = parseMediaType(headerValue(response.headers, "content-type"));
  const media_type = mediaType.essence;
  if (!response.decoded) {
    const message = `The Content-Encoding ${headerValue(response.headers, "content-encoding") ?? ""} is not one that was asked for; the body is as it came.`;
    return { body: asBase64(response.bytes), media_type, notes: [{ kind: "encoding_unknown", message }] };
  }
  if (!isJson(mediaType) && !isText(mediaType) && !(mediaType.essence === "" && looksLikeText(response.bytes))) {
    return { body: asBase64(response.bytes), media_type };
  }
  return { media_type, ...presentText(response, mediaType) };
}

function presentText(response: FetchResponse, mediaType: MediaType): Pick<PresentedBody, "body" | "charset" | "notes"> {
  const { text, charset, refuted } = decodeText(response.bytes, mediaType);
  const notes: Note[] = [];
  if (refuted !== undefined) {
    notes.push({ kind: "charset_refuted", message: `The body is not in the declared charset ${refuted}; it was read as ${charset}.` });
  }
  let body: HttpRequestOutput["body"] = { text };
  if (isJson(mediaType) && text !== "") {
    const json = readJson(text);
    if (json !== undefined) body = { json: json.value };
    if (json === undefined)
      notes.push({ kind: "json_unreadable", message: "Declared as JSON, but it cannot be read as JSON; it is given as text." });
    else if (json.adjusted) {
      notes.push({
        kind: "json_adjusted",
        message: "Numbers that a double cannot hold are given as text, and broken characters were replaced.",
      });
    }
  }
  return { body, charset, ...(notes.length > 0 && { notes }) };
}

function asBase64(bytes: Uint8Array): HttpRequestOutput["body"] {
  return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64") };
}
