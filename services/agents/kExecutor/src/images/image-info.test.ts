import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exifBlock, gifFile, jpegFile, pngFile, webpFile } from "../testing/images.fixture.ts";
import { readFile, refusalOf } from "../testing/refusal.fixture.ts";
import { imageInfo } from "./image-info.ts";

const info = async (name: string, content: Uint8Array | string, mediaType?: string) => {
  const { context: _, ...facts } = await readFile(imageInfo, name, content, mediaType === undefined ? {} : { media_type: mediaType });
  return facts;
};
const refusal = (name: string, content: Uint8Array | string) => refusalOf(imageInfo, name, content, {});
const svg = (inside: string, attributes = 'width="30" height="20"') =>
  `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inside}</svg>`;

describe("image.info", () => {
  test("gives the facts of each format", async () => {
    expect(await info("a.png", pngFile(640, 480, { colour: 6, depth: 16 }))).toEqual({
      format: "png",
      media_type: "image/png",
      bytes: 65,
      width: 640,
      height: 480,
      colour: { model: "rgb", bits_per_channel: 16, alpha: true, profile: false },
      frames: 1,
      animated: false,
      has_place: false,
      warnings: [],
    });
    expect(await info("a.jpg", jpegFile(300, 200))).toMatchObject({
      format: "jpg",
      width: 300,
      height: 200,
      colour: { model: "ycbcr", bits_per_channel: 8, alpha: false },
      animated: false,
    });
    expect(await info("a.gif", gifFile(10, 20, 3))).toMatchObject({
      format: "gif",
      width: 10,
      height: 20,
      colour: { model: "indexed", bits_per_channel: 2, alpha: true },
      frames: 3,
      animated: true,
    });
    expect(await info("a.webp", webpFile(100, 50, 4))).toMatchObject({
      format: "webp",
      width: 100,
      height: 50,
      colour: { alpha: true },
      frames: 4,
      animated: true,
    });
    expect(await info("a.svg", svg(""))).toMatchObject({ format: "svg", width: 30, height: 20, animated: false, warnings: [] });
    expect(await info("a.png", pngFile(8, 8, { frames: 12 }))).toMatchObject({ frames: 12, animated: true });
  });

  test("tells when and with what a picture was taken, and only whether it tells where", async () => {
    const exif = exifBlock({ orientation: 6, model: "Box 1", taken: "2026:01:02 03:04:05", hasPlace: true });
    const expected = { taken_at: "2026-01-02T03:04:05.000Z", camera: "Box 1", has_place: true };
    const jpeg = await info("a.jpg", jpegFile(300, 200, exif));
    expect(jpeg).toMatchObject({ ...expected, orientation: 6 });
    expect(jpeg.warnings.map(({ code }) => code)).toEqual(["place_inside"]);
    expect(JSON.stringify(jpeg)).not.toMatch(/52|30,/);
    expect(await info("a.png", pngFile(3, 2, { exif }))).toMatchObject(expected);
    expect((await info("a.jpg", jpegFile(3, 2, Buffer.from("no such thing")))).warnings.map(({ code }) => code)).toEqual([
      "damaged_metadata",
    ]);
  });

  test.each<readonly [string, string, Uint8Array | string, string]>([
    ["an empty file", "a.png", "", "BAD_REQUEST empty"],
    ["a page called image", "a.png", "<html><body>", "BAD_REQUEST unsupported"],
    ["a program called image", "a.gif", Buffer.from("MZ\x90\0", "latin1"), "BAD_REQUEST unsupported"],
    ["a name without an image", "a.png", "\x89PNG\r\n", "BAD_REQUEST unsupported"],
    ["a header cut short", "a.png", pngFile(1, 1).subarray(0, 18), "BAD_REQUEST broken"],
    ["no size at all", "a.png", pngFile(0, 5), "BAD_REQUEST broken"],
  ])("refuses %s", async (_what, name, content, expected) => {
    expect(await refusal(name, content)).toBe(expected);
  });

  test("[R98] a flood of pixels is refused by its header, in no time and no memory", async () => {
    expect(await refusal("a.png", pngFile(100_000, 100_000))).toBe("TOO_LARGE pixel_flood");
    expect(await refusal("a.png", pngFile(0x7fffffff, 0x7fffffff))).toBe("TOO_LARGE pixel_flood");
    expect(await refusal("a.gif", gifFile(65_535, 65_535, 1))).toBe("TOO_LARGE pixel_flood");
    expect(await refusal("a.webp", webpFile(16_777_215, 16_777_215, 0))).toBe("TOO_LARGE pixel_flood");
    expect(await refusal("a.png", pngFile(16_384, 16_384))).toBe("read");
  });

  test("[R98] an image that is another than it says is named, by name and by sender", async () => {
    expect((await info("a.png", jpegFile(3, 2))).warnings).toEqual([
      { code: "format_mismatch", message: "It is called png, but its bytes are jpg." },
    ]);
    expect((await info("a.jpg", jpegFile(3, 2), "image/gif")).warnings.map(({ code }) => code)).toEqual(["format_mismatch"]);
    expect((await info("a.pdf", jpegFile(3, 2))).warnings.map(({ code }) => code)).toEqual(["format_mismatch"]);
    expect((await info("a.jpeg", jpegFile(3, 2), "image/jpeg; x=y")).warnings).toEqual([]);
  });

  test("what hides behind an image is named", async () => {
    for (const image of [pngFile(3, 2), gifFile(3, 2, 1), webpFile(3, 2, 0)]) {
      expect((await info("a", Buffer.concat([image, Buffer.from("PK\x03\x04")]))).warnings.map(({ code }) => code)).toEqual([
        "trailing_data",
      ]);
    }
  });

  test.each(["<script>x()</script>", '<g onload="x()"/>', '<a href="javascript:x()"/>', "<foreignObject/>"])(
    "[R94] active content of a drawing is named: %s",
    async (inside) => {
      expect((await info("a.svg", svg(inside))).warnings.map(({ code }) => code)).toEqual(["active_content"]);
    },
  );

  test("a drawing with entities of its own is named, and they are not followed", async () => {
    const bomb = `<!DOCTYPE svg [<!ENTITY a "lol">]>${svg("&a;").replace('<?xml version="1.0"?>', "")}`;
    expect((await info("a.svg", bomb)).warnings.map(({ code }) => code)).toEqual(["active_content"]);
  });

  test.each<readonly [string, Buffer]>([
    ["PNG", pngFile(20, 10, { exif: exifBlock({ orientation: 3, hasPlace: true }), frames: 2 })],
    ["JPEG", jpegFile(20, 10, exifBlock({ orientation: 3, model: "x", taken: "2026:01:02 03:04:05", hasPlace: true }))],
    ["GIF", gifFile(20, 10, 3)],
    ["WebP", webpFile(20, 10, 3)],
    ["SVG", Buffer.from(svg("<g/>"))],
  ])("a %s with any bytes changed or cut gives a result or a coded error", async (_what, whole) => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 6 }), fc.option(fc.nat(whole.length)), async (changes, cut) => {
        const file = Buffer.from(whole);
        for (const [at, byte] of changes) file[at] = byte;
        expect(await refusal("a", file.subarray(0, cut ?? file.length))).toMatch(
          /^(?:read|BAD_REQUEST (?:empty|broken|unsupported)|TOO_LARGE (?:too_large|pixel_flood))$/,
        );
      }),
      { numRuns: 150 },
    );
  });
});
