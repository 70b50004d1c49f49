import { describe, expect, test } from "vitest";
import { decodeText } from "./charset.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const GERMAN =
  "Die Straße führt über den Fluß; müde Wanderer grüßen höflich. Später öffnet das Café, und die Gäste genießen süße Brötchen.";
/** In KOI8-R: a sentence about a river and a mountain. */
const RUSSIAN = "Река течёт с высокой горы, и люди живут на её берегах много лет. Они ловят рыбу и строят дома из дерева.";

describe("decodeText", () => {
  test.each<readonly [string, Buffer, string | undefined, { readonly text: string; readonly charset: string; readonly source: string }]>([
    ["a byte order mark of UTF-8", Buffer.from("\ufeffé"), undefined, { text: "é", charset: "utf-8", source: "bom" }],
    ["a byte order mark of UTF-16", Buffer.from("\ufeffé", "utf16le"), undefined, { text: "é", charset: "utf-16le", source: "bom" }],
    ["a big-endian one", Buffer.from("\ufeffé", "utf16le").swap16(), undefined, { text: "é", charset: "utf-16be", source: "bom" }],
    ["the sender's word", latin1("\xe9"), "text/plain; charset=ISO-8859-1", { text: "é", charset: "windows-1252", source: "sender" }],
    ["a mark over the sender's word", Buffer.from("\ufeffé"), "text/plain; charset=latin1", { text: "é", charset: "utf-8", source: "bom" }],
    ["a sender's word that is none", Buffer.from("é"), "text/plain; charset=klingon", { text: "é", charset: "utf-8", source: "valid" }],
    [
      "the document's meta element",
      latin1('<meta charset="iso-8859-2">\xb1'),
      undefined,
      { text: '<meta charset="iso-8859-2">ą', charset: "iso-8859-2", source: "document" },
    ],
    [
      "an XML declaration",
      latin1('<?xml version="1.0" encoding="windows-1251"?>\xe0'),
      undefined,
      { text: '<?xml version="1.0" encoding="windows-1251"?>а', charset: "windows-1251", source: "document" },
    ],
    ["valid UTF-8 that says nothing", Buffer.from("é"), undefined, { text: "é", charset: "utf-8", source: "valid" }],
    [
      "a document that wrongly says UTF-16",
      Buffer.from('<meta charset="utf-16">é'),
      undefined,
      { text: '<meta charset="utf-16">é', charset: "utf-8", source: "valid" },
    ],
  ])("follows %s", async (_what, bytes, mediaType, expected) => {
    expect(await decodeText(bytes, mediaType)).toEqual(expected);
  });

  test("guesses by the letters where nothing is said, and says that it guessed", async () => {
    expect(await decodeText(latin1(GERMAN), undefined)).toMatchObject({ text: GERMAN, source: "guess" });
    const koi8 = Buffer.from(RUSSIAN.split("").map(koi8Byte));
    expect(await decodeText(koi8, undefined)).toEqual({ text: RUSSIAN, charset: "koi8-r", source: "guess" });
  });

  test("never fails", async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect((await decodeText(all, undefined)).text.length).toBeGreaterThan(100);
    expect((await decodeText(all, "text/plain; charset=utf-8")).text).toContain("\ufffd");
  });
});

/** RFC 1489, by the runtime's own decoder. */
function koi8Byte(char: string): number {
  const decoder = new TextDecoder("koi8-r");
  const byte = Array.from({ length: 256 }, (_, index) => index).find((index) => decoder.decode(Uint8Array.of(index)) === char);
  if (byte === undefined) throw new Error(`KOI8-R has no ${char}`);
  return byte;
}
