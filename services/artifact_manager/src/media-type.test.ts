import { deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideMediaType, sniffMediaType } from "./media-type.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const utf8 = (text: string) => new TextEncoder().encode(text);

describe("what bytes are", () => {
  it("[A10] is told by their signature", () => {
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ["image/png", bytes("\x89PNG\r\n\x1a\n")],
      ["image/webp", bytes("RIFF\x10\x00\x00\x00WEBPVP8 ")],
      ["audio/wav", bytes("RIFF\x10\x00\x00\x00WAVEfmt ")],
      ["video/mp4", bytes("\x00\x00\x00\x20ftypisom")],
      ["image/avif", bytes("\x00\x00\x00\x20ftypavif")],
      ["application/pdf", bytes("%PDF-1.7")],
      ["application/gzip", new Uint8Array(gzipSync("x"))],
      ["application/x-executable", bytes("\x7fELF\x02\x01\x01\x00")],
      ["application/octet-stream", new Uint8Array(deflateRawSync("some text")).slice(0, 8)],
      ["text/plain", utf8("größer, 日本語\r\n\tand more\u001b")],
      ["text/plain", utf8("MZ is how this text begins")],
      ["text/plain", new Uint8Array()],
      ["application/octet-stream", bytes("\xff\xfe\x00a")],
    ];
    for (const [type, content] of cases) expect(sniffMediaType(content), type).toBe(type);
  });

  it("[A10] is text also when the look ends within a character", () => {
    expect(sniffMediaType(utf8("aä").slice(0, 2))).toBe("text/plain");
  });

  it("[A10] never throws, and a type it decides is a type", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (content, name) => {
        expect(decideMediaType(undefined, name, content)).toMatch(/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/);
      }),
    );
  });
});

describe("the type kept", () => {
  it("[A10] is the claim where the bytes allow it", () => {
    const zip = bytes("PK\x03\x04");
    const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    expect(decideMediaType(docx, "a.docx", zip)).toBe(docx);
    expect(decideMediaType("Text/HTML; charset=utf-8", "a", utf8("<p>"))).toBe("text/html");
    expect(decideMediaType("application/x-special", "a", bytes("\x00\x01"))).toBe("application/x-special");
    expect(decideMediaType("image/png", "empty.png", new Uint8Array())).toBe("image/png");
  });

  it("[A10] is what the bytes say without a claim; a name only chooses among texts", () => {
    expect(decideMediaType(undefined, "a.png", utf8("<html>"))).toBe("text/plain");
    expect(decideMediaType("application/octet-stream", "a.JSON", utf8("{}"))).toBe("application/json");
    expect(decideMediaType("", "a.txt", bytes("\x89PNG\r\n\x1a\n"))).toBe("image/png");
    expect(decideMediaType(undefined, "a.constructor", utf8("x"))).toBe("text/plain");
  });

  it("[A10] is never a text that is no media type", () => {
    for (const claim of ["text", "text/plain\r\nx-evil: 1", "../x", "text/", "a/b/c", "текст/plain"]) {
      expect(() => decideMediaType(claim, "a", utf8("x")), claim).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
    }
  });
});
