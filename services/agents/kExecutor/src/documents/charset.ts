// Bytes of a text into characters: what announces itself (byte order mark, sender, document), else UTF-8 if valid, else a guess that says so.

/** `source`: what decided. `guess`: statistics over letters, which may be wrong. */
export interface DecodedText {
  readonly text: string;
  /** Label of the Encoding Standard, lower case. */
  readonly charset: string;
  readonly source: "bom" | "sender" | "document" | "valid" | "guess";
}

const HEAD_BYTES = 4096;
const SAMPLE_BYTES = 65_536;
const META = /<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i;
const XML_DECLARATION = /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']/;
const FALLBACK = "windows-1252";
/** chardet's confidence, 0 to 100, below which letters say nothing. */
const LEAST_CONFIDENCE = 20;

/** Never fails: what cannot be decoded becomes U+FFFD. `mediaType` may carry `; charset=`. */
export async function decodeText(bytes: Buffer, mediaType: string | undefined): Promise<DecodedText> {
  const mark = byteOrderMark(bytes);
  if (mark !== undefined) return { text: new TextDecoder(mark).decode(bytes), charset: mark, source: "bom" };
  const sent = decoderFor(/;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(mediaType ?? "")?.[1]);
  if (sent !== undefined) return { text: sent.decode(bytes), charset: sent.encoding, source: "sender" };
  const valid = strictUtf8(bytes);
  const head = bytes.subarray(0, HEAD_BYTES).toString("latin1");
  const declared = decoderFor(META.exec(head)?.[1] ?? XML_DECLARATION.exec(head)?.[1]);
  // A document that says UTF-16 in single bytes, or UTF-8 and is not, is wrong about itself.
  if (declared !== undefined && !declared.encoding.startsWith("utf-")) {
    return { text: declared.decode(bytes), charset: declared.encoding, source: "document" };
  }
  if (valid !== undefined) return { text: valid, charset: "utf-8", source: "valid" };
  const guessed = await guess(bytes.subarray(0, SAMPLE_BYTES));
  return { text: guessed.decode(bytes), charset: guessed.encoding, source: "guess" };
}

/** For parts of containers, XML by their format: announced or UTF-8. */
export function decodeXml(bytes: Buffer): string {
  const mark = byteOrderMark(bytes);
  if (mark !== undefined) return new TextDecoder(mark).decode(bytes);
  const declared = decoderFor(XML_DECLARATION.exec(bytes.subarray(0, 300).toString("latin1"))?.[1]);
  return (declared !== undefined && !declared.encoding.startsWith("utf-16") ? declared : new TextDecoder()).decode(bytes);
}

export function byteOrderMark(bytes: Buffer): "utf-8" | "utf-16le" | "utf-16be" | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : undefined;
}

function strictUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Nothing for a label that the Encoding Standard does not know. */
function decoderFor(label: string | undefined): TextDecoder | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

async function guess(sample: Buffer): Promise<TextDecoder> {
  const { default: chardet } = await import("chardet");
  const known = chardet
    .analyse(sample)
    .filter(({ confidence }) => confidence >= LEAST_CONFIDENCE)
    .map(({ name }) => decoderFor(name))
    // It is not valid UTF-8, and UTF-16 needs its mark.
    .find((decoder) => decoder !== undefined && !decoder.encoding.startsWith("utf-"));
  return known ?? new TextDecoder(FALLBACK);
}
