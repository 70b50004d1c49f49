// Bytes as a JSON document can carry them: text where it is text, base64 where it is not, and honest about which and how sure that is.

import Type from "typebox";
import { badParam } from "../task-error.ts";
import { decodeText, detectText } from "./text-encoding.ts";

const REQUESTED_ENCODINGS = ["auto", "utf-8", "utf-16le", "utf-16be", "latin1", "base64"] as const;
type RequestedEncoding = (typeof REQUESTED_ENCODINGS)[number];

const CONTENT_ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "latin1", "binary"] as const;

export const EncodingParam = Type.Optional(
  Type.Enum(REQUESTED_ENCODINGS, {
    default: "auto",
    title: "Encoding",
    description:
      "auto: UTF-16 if a byte order mark says so, base64 if there is a NUL in the first 8000 bytes, UTF-8 if it is valid, else latin1 marked as uncertain.",
  }),
);

/** The properties of an output that carries content. */
export const ContentProperties = {
  encoding: Type.Enum(CONTENT_ENCODINGS, { title: "Encoding", description: "How the bytes were read; binary: not as text." }),
  certain: Type.Boolean({
    title: "Certain",
    description: "False where no encoding is announced, the bytes are not valid UTF-8 and latin1 is a mere stopgap.",
  }),
  text: Type.Optional(Type.String({ title: "Text", description: "Without byte order mark." })),
  base64: Type.Optional(
    Type.String({ title: "Bytes", description: "The bytes where they are not given as text.", contentEncoding: "base64" }),
  ),
};

export interface Content {
  readonly encoding: (typeof CONTENT_ENCODINGS)[number];
  readonly certain: boolean;
  readonly text?: string;
  readonly base64?: string;
}

/**
 * `isCut`: more bytes follow, so a character may be incomplete at the end; it is left out.
 * Errors: BAD_REQUEST at `/encoding` when the bytes are not valid in the encoding that was asked for.
 */
export function readContent(bytes: Buffer, requested: RequestedEncoding, isCut: boolean): Content {
  if (requested === "base64") return binary(bytes);
  if (requested !== "auto")
    return {
      encoding: requested,
      certain: true,
      text: requested === "latin1" ? bytes.toString("latin1") : strictly(bytes, requested, isCut),
    };
  const detected = detectText(bytes);
  if (detected === undefined) return binary(bytes);
  if (detected !== "bytes") return { encoding: detected, certain: true, text: decodeText(bytes, detected) };
  const text = decodeOrNothing(bytes, "utf-8", isCut);
  return text === undefined
    ? { encoding: "latin1", certain: false, text: bytes.toString("latin1") }
    : { encoding: "utf-8", certain: true, text };
}

function binary(bytes: Buffer): Content {
  return { encoding: "binary", certain: true, base64: bytes.toString("base64") };
}

function strictly(bytes: Buffer, encoding: "utf-8" | "utf-16le" | "utf-16be", isCut: boolean): string {
  const text = decodeOrNothing(bytes, encoding, isCut);
  if (text !== undefined) return text;
  throw badParam("/encoding", `The content is not valid ${encoding}.`, "Ask for auto, or for base64 to get the bytes as they are.");
}

function decodeOrNothing(bytes: Buffer, encoding: string, isCut: boolean): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: isCut });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
