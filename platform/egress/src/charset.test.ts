import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText, looksLikeText } from "./charset.ts";
import { parseMediaType } from "./media-type.ts";

const decode = (bytes: Uint8Array | string, contentType = "text/plain") =>
  decodeText(typeof bytes === "string" ? Buffer.from(bytes) : bytes, parseMediaType(contentType));
const latin1 = (text: string) => Buffer.from(text, "latin1");

describe("decodeText", () => {
  it("[E17] follows a declaration that fits", () => {
    expect(decode("héllo", "text/html; charset=utf-8")).toEqual({ text: "héllo", charset: "utf-8" });
    expect(decode(latin1("héllo"), 'text/html; Charset="ISO-8859-1"')).toEqual({ text: "héllo", charset: "windows-1252" });
    expect(decode(Buffer.from([0x82, 0xb1]), "text/plain;charset=Shift_JIS")).toEqual({ text: "こ", charset: "shift_jis" });
    expect(decode("", "text/plain; charset=utf-8")).toEqual({ text: "", charset: "utf-8" });
  });

  it("[E17] does not follow one that the bytes contradict, and says so", () => {
    expect(decode(latin1("héllo"), "text/plain; charset=utf-8")).toEqual({ text: "héllo", charset: "windows-1252", refuted: "utf-8" });
    expect(decode("héllo", "text/plain; charset=iso-8859-1")).toEqual({ text: "héllo", charset: "utf-8", refuted: "iso-8859-1" });
    expect(decode("abc", "text/plain; charset=utf-16le")).toMatchObject({ text: "abc", refuted: "utf-16le" });
  });

  it("[E17] does not follow a charset that does not exist", () => {
    expect(decode("héllo", "text/plain; charset=klingon")).toEqual({ text: "héllo", charset: "utf-8", refuted: "klingon" });
  });

  it("[E17] a byte order mark wins over everything and is left out of the text", () => {
    expect(decode("\ufeffhi", "text/plain; charset=windows-1252")).toEqual({ text: "hi", charset: "utf-8", refuted: "windows-1252" });
    expect(decode(Buffer.from("\ufeffhi", "utf16le"), "text/plain; charset=utf-16")).toEqual({ text: "hi", charset: "utf-16le" });
    expect(decode(Buffer.from([0xfe, 0xff, 0, 0x68]))).toEqual({ text: "h", charset: "utf-16be" });
  });

  it("[E17] undeclared markup may declare itself within its first 1024 bytes", () => {
    expect(decode(latin1('<meta charset="iso-8859-2">\xb1'), "text/html")).toMatchObject({
      charset: "iso-8859-2",
      text: '<meta charset="iso-8859-2">ą',
    });
    expect(decode(latin1('<meta http-equiv=x content="text/html; charset=koi8-r">'), "text/html").charset).toBe("koi8-r");
    expect(decode(latin1('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>'), "application/xml").text).toContain("é");
    expect(decode(latin1(`${" ".repeat(1024)}<meta charset=koi8-r>\xe9`), "text/html").charset).toBe("windows-1252");
    expect(decode(latin1('<meta charset="koi8-r">\xe9'), "text/plain").charset).toBe("windows-1252");
    expect(decode(latin1('<meta charset="utf-16">é'.replace("é", "e")), "text/html").charset).toBe("utf-8");
  });

  it("[E17] undeclared text is UTF-8 where it fits, else windows-1252", () => {
    expect(decode("héllo")).toEqual({ text: "héllo", charset: "utf-8" });
    expect(decode(latin1("h\xe9llo"))).toEqual({ text: "héllo", charset: "windows-1252" });
  });

  it("[E17] any bytes under any declaration become well-formed text", () => {
    const declaration = fc.oneof(
      fc.string(),
      fc.constantFrom("text/html;charset=utf-8", "text/html", "text/plain;charset=utf-16be", "x;charset=gbk"),
    );
    fc.assert(
      fc.property(fc.uint8Array(), declaration, (bytes, contentType) => {
        expect(decode(bytes, contentType).text.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("looksLikeText", () => {
  it("[E17] tells text from other bytes", () => {
    for (const text of ["", "plain\r\n\ttext \u001b[1m", "日本語", Buffer.from("\ufeffx", "utf16le")])
      expect(looksLikeText(Buffer.from(text as string))).toBe(true);
    for (const bytes of [[0x89, 0x50, 0x4e, 0x47], [0], [0xff, 0xd8, 0xff], [0x1f, 0x8b]])
      expect(looksLikeText(Buffer.from(bytes))).toBe(false);
  });
});

describe("parseMediaType", () => {
  it.each([
    ["text/html", "text/html", undefined],
    [" Text/HTML ; charset = UTF-8 ", "text/html", "UTF-8"],
    ["application/json; profile=x; charset='utf-8'", "application/json", "utf-8"],
    ['text/plain; charset="a"; charset=b', "text/plain", "a"],
    ["nonsense", "", undefined],
    [undefined, "", undefined],
    ["a/b, c/d", "", undefined],
  ] as const)("[E17] reads %j", (header, essence, charset) => {
    expect(parseMediaType(header)).toEqual({ essence, charset });
  });
});
