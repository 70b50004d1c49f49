import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zipFile } from "../testing/documents.fixture.ts";
import { readFile, refusalOf } from "../testing/refusal.fixture.ts";
import { tarFile } from "../testing/tar.fixture.ts";
import { archiveExtract } from "./archive-extract.ts";
import { archiveList } from "./archive-list.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const list = (name: string, content: Uint8Array) => readFile(archiveList, name, content, {});
type ExtractParams = Omit<Parameters<typeof archiveExtract.run>[0], "path">;
const extract = (name: string, content: Uint8Array, params: ExtractParams = {}) => readFile(archiveExtract, name, content, params);

const FILES = { "read me.txt": bytes("hello"), "sub/é.csv": bytes("a,b\n1,2\n"), "sub/empty": bytes("") };
const ZIP = zipFile(FILES);
const TAR = tarFile([
  { name: "read me.txt", content: "hello" },
  { name: "sub/", type: "5" },
  { name: "sub/é.csv", content: "a,b\n1,2\n" },
  { name: "sub/empty" },
]);

describe("archive.list and archive.extract", () => {
  test.each<readonly [string, string, Uint8Array]>([
    ["zip", "a.zip", ZIP],
    ["tar", "a.tar", TAR],
    ["tar.gz", "a.tgz", gzipSync(TAR)],
  ])("list and take out %s", async (format, name, content) => {
    const listed = await list(name, content);
    expect(listed).toMatchObject({
      format,
      bytes: content.length,
      files_total: 3,
      unpacked_bytes: 13,
      is_bomb: false,
      flags: {},
      truncated: false,
    });
    const files = listed.entries.filter(({ type }) => type === "file");
    expect(files.map(({ path, bytes: size, flags, modified }) => [path, size, flags, modified?.slice(0, 10)])).toEqual([
      ["read me.txt", 5, [], "2026-01-02"],
      ["sub/é.csv", 8, [], "2026-01-02"],
      ["sub/empty", 0, [], "2026-01-02"],
    ]);
    const taken = await extract(name, content);
    expect(taken).toMatchObject({ format, files_total: 3, bytes_total: 13, skipped: [], skipped_total: 0 });
    expect(taken.files.map(({ path, artifact }) => [path, artifact.name, artifact.media_type])).toEqual([
      ["read me.txt", "read me.txt", "text/plain"],
      ["sub/é.csv", "é.csv", "text/csv"],
      ["sub/empty", "empty", "application/octet-stream"],
    ]);
    expect(taken.context.textOf("é.csv")).toBe("a,b\n1,2\n");
  });

  test("a gz file is an archive of one", async () => {
    const listed = await list("notes.txt.gz", gzipSync("hello hello"));
    expect(listed).toMatchObject({ format: "gzip", entries_total: 1, entries: [{ path: "notes.txt", type: "file", bytes: 11 }] });
    expect((await extract("notes.txt.gz", gzipSync("hello hello"))).context.textOf("notes.txt")).toBe("hello hello");
  });

  test("only what is chosen is taken out, by path or pattern, and what is not there is named", async () => {
    const named = await extract("a.zip", ZIP, { entries: ["sub/empty", "nothing", "sub/../read me.txt"] });
    expect(named.files.map(({ path }) => path)).toEqual(["sub/empty"]);
    expect(named.skipped).toEqual([
      { path: "nothing", reason: "not_found" },
      { path: "sub/../read me.txt", reason: "not_found" },
    ]);
    expect((await extract("a.tar", TAR, { pattern: "**/*.csv" })).files.map(({ path }) => path)).toEqual(["sub/é.csv"]);
    expect((await extract("a.tar", TAR, { pattern: "*" })).files.map(({ path }) => path)).toEqual(["read me.txt"]);
  });

  test("limits of the call skip and name", async () => {
    expect((await extract("a.zip", ZIP, { max_files: 1 })).skipped.map(({ reason }) => reason)).toEqual(["limit", "limit"]);
    expect(await extract("a.zip", ZIP, { max_bytes: 6 })).toMatchObject({
      files_total: 2,
      bytes_total: 5,
      skipped: [{ path: "sub/é.csv", reason: "limit" }],
    });
  });

  test("a long list is an artifact", async () => {
    const many = zipFile(Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`f${index}`, bytes("")])));
    const listed = await list("a.zip", many);
    expect([listed.entries.length, listed.entries_total, listed.truncated]).toEqual([500, 600, true]);
    expect(JSON.parse(listed.context.textOf("entries.json"))).toHaveLength(600);
  });

  test.each<readonly [string, Uint8Array, string]>([
    ["nothing", new Uint8Array(), "BAD_REQUEST empty"],
    ["a text", bytes("hello"), "BAD_REQUEST unsupported"],
    ["half a zip", ZIP.subarray(0, 60), "BAD_REQUEST broken"],
    ["half a tar", TAR.subarray(0, 1100), "BAD_REQUEST broken"],
    ["half a tar.gz", gzipSync(TAR).subarray(0, 120), "BAD_REQUEST broken"],
    ["a gz with a wrong checksum", Buffer.concat([gzipSync("hello").subarray(0, -8), Buffer.alloc(8)]), "BAD_REQUEST broken"],
    ["bytes that begin like a zip", Buffer.from("PK\x03\x04zzzz", "latin1"), "BAD_REQUEST broken"],
    ["longer bytes that begin like a zip", Buffer.from(`PK\x03\x04${"z".repeat(200)}`, "latin1"), "BAD_REQUEST broken"],
    ["a zip that hides its list", Buffer.concat([Buffer.from("504b030433004000", "hex"), Buffer.alloc(100)]), "BAD_REQUEST encrypted"],
  ])("%s is refused with its reason", async (_what, content, expected) => {
    expect(await refusalOf(archiveList, "a", content, {})).toBe(expected);
    expect(await refusalOf(archiveExtract, "a", content, {})).toBe(expected);
  });
});

describe("[R92] paths in archives lead nowhere", () => {
  const UNSAFE = ["../up", "a/../../up", "/etc/passwd", "C:\\x", "c:x", "..\\up", "a\\..\\..\\x", "..", "a/.."];

  test.each<readonly [string, Uint8Array]>([
    ["zip", zipFile({ ...Object.fromEntries(UNSAFE.map((name) => [name, bytes("x")])), good: bytes("x") })],
    ["tar", tarFile([...UNSAFE.map((name) => ({ name, content: "x" })), { name: "good", content: "x" }])],
  ])("an unsafe path in a %s is named, and never taken out", async (_format, content) => {
    const listed = await list("a", content);
    expect(listed.flags["unsafe_path"]).toBe(UNSAFE.length);
    const taken = await extract("a", content);
    expect(taken.files.map(({ path }) => path)).toEqual(["good"]);
    expect(taken.skipped.map(({ reason }) => reason)).toEqual(UNSAFE.map(() => "unsafe_path"));
    const named = await extract("a", content, { entries: UNSAFE });
    expect([named.files, named.skipped_total]).toEqual([[], UNSAFE.length]);
  });

  test("links, devices and pipes are named and never followed", async () => {
    const content = tarFile([
      { name: "symlink", type: "2", target: "/etc/passwd" },
      { name: "hardlink", type: "1", target: "../up" },
      { name: "device", type: "3" },
      { name: "pipe", type: "6" },
      { name: "symlink", content: "written through it" },
    ]);
    const listed = await list("a.tar", content);
    expect(listed.entries.map(({ type, flags }) => [type, flags])).toEqual([
      ["symlink", ["link"]],
      ["hardlink", ["link"]],
      ["device", ["device"]],
      ["pipe", ["device"]],
      ["file", ["duplicate"]],
    ]);
    expect(listed.entries[0]?.target).toBe("/etc/passwd");
    const taken = await extract("a.tar", content);
    expect([taken.files, taken.skipped.map(({ reason }) => reason)]).toEqual([[], ["link", "link", "device", "device", "duplicate"]]);
    const zipped = zipFile({ link: [bytes("/etc/passwd"), { os: 3, attrs: 0o120777 << 16 }] });
    expect((await list("a.zip", zipped)).entries).toMatchObject([{ type: "symlink", flags: ["link"] }]);
    expect((await extract("a.zip", zipped)).files).toEqual([]);
  });

  test("names that differ only in case or in the form of their letters are duplicates", async () => {
    const content = tarFile(["A.txt", "a.TXT", "e\u0301", "\u00e9"].map((name) => ({ name, content: "x" })));
    expect((await list("a.tar", content)).entries.map(({ flags }) => flags)).toEqual([[], ["duplicate"], [], ["duplicate"]]);
  });

  test("[R107] names with characters that turn text are shown without them", async () => {
    const listed = await list("a.tar", tarFile([{ name: "a\u202efdp.exe" }, { name: "b\n\x1b[31m" }]));
    expect(listed.entries.map(({ path, flags }) => [path, flags])).toEqual([
      ["afdp.exe", ["hidden_characters"]],
      ["b [31m", []],
    ]);
  });
});

describe("[R89] [R98] bombs", () => {
  const blank = new Uint8Array(20_000_000);

  test("an absurd ratio in a zip is named, and never unpacked", async () => {
    const content = zipFile({ bomb: [blank, { level: 9 }], good: bytes("x") });
    const listed = await list("a.zip", content);
    expect([listed.is_bomb, listed.flags]).toEqual([true, { bomb: 1 }]);
    const taken = await extract("a.zip", content);
    expect([taken.files.map(({ path }) => path), taken.skipped]).toEqual([["good"], [{ path: "bomb", reason: "bomb" }]]);
  });

  test("a gz or tar.gz that does not end is stopped", async () => {
    const endless = gzipSync(new Uint8Array(60_000_000), { level: 9 });
    expect(await refusalOf(archiveList, "a.gz", endless, {})).toBe("TOO_LARGE bomb");
    const tar = gzipSync(tarFile([{ name: "zeros", content: new Uint8Array(60_000_000) }]), { level: 9 });
    expect(await refusalOf(archiveList, "a.tgz", tar, {})).toBe("TOO_LARGE bomb");
    expect(await refusalOf(archiveExtract, "a.tgz", tar, {})).toBe("TOO_LARGE bomb");
  });

  test("entries that share their bytes (Fifield's bomb) are named, and never unpacked", async () => {
    const content = overlapping(50);
    const listed = await list("a.zip", content);
    expect([listed.is_bomb, listed.flags["overlap"]]).toEqual([true, 51]);
    const taken = await extract("a.zip", content);
    expect([taken.files_total, taken.skipped_total, taken.skipped[0]?.reason]).toEqual([0, 51, "overlap"]);
  });

  test("an archive inside an archive is a file like any other", async () => {
    const nested = zipFile({ "inner.zip": [zipFile({ bomb: [blank, { level: 9 }] }), { level: 0 }] });
    expect((await list("a.zip", nested)).entries).toMatchObject([{ path: "inner.zip", flags: ["archive"] }]);
    expect((await extract("a.zip", nested)).files).toMatchObject([{ artifact: { media_type: "application/zip" } }]);
  });

  test("an entry that is larger than it says, encrypted or packed strangely is skipped with its reason", async () => {
    const content = zipFile({ long: bytes("x".repeat(5000)), secret: bytes("x".repeat(50)), odd: bytes("x".repeat(50)), good: bytes("x") });
    const at = (name: string) => content.lastIndexOf(name) - 46;
    content.writeUInt32LE(10, at("long") + 24);
    content.writeUInt16LE(1, at("secret") + 8);
    content.writeUInt16LE(99, at("odd") + 10);
    const taken = await extract("a.zip", content);
    expect([taken.files.map(({ path }) => path), taken.skipped.map(({ reason }) => reason)]).toEqual([
      ["good"],
      ["broken", "encrypted", "unsupported_method"],
    ]);
  });

  test("a tar entry that claims gigabytes is too large or broken, without memory for it", async () => {
    const content = tarFile([{ name: "huge", size: 8_000_000_000 }]);
    expect(await refusalOf(archiveList, "a.tar", content, {})).toBe("BAD_REQUEST broken");
    expect(await refusalOf(archiveExtract, "a.tar", content, {})).toBe("BAD_REQUEST broken");
  });
});

describe("damaged archives", () => {
  test.each<readonly [string, Buffer]>([
    ["zip", ZIP],
    ["tar", TAR],
    ["tar.gz", gzipSync(TAR)],
  ])("a %s with any bytes changed or cut gives a result or a coded error", async (_format, whole) => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 6 }), fc.option(fc.nat(whole.length)), async (changes, cut) => {
        const file = Buffer.from(whole);
        for (const [at, byte] of changes) file[at] = byte;
        const damaged = file.subarray(0, cut ?? file.length);
        const expected = /^(?:read|BAD_REQUEST (?:empty|encrypted|broken|unsupported|unsafe)|TOO_LARGE (?:too_large|bomb))$/;
        expect(await refusalOf(archiveList, "a", damaged, {})).toMatch(expected);
        expect(await refusalOf(archiveExtract, "a", damaged, {})).toMatch(expected);
      }),
      { numRuns: 80 },
    );
  });
});

/** One stored file, and `count` more entries in the directory that point at the same bytes. */
function overlapping(count: number): Buffer {
  const one = zipFile({ kernel: bytes("x".repeat(1000)) }, 0);
  const directory = one.indexOf(Buffer.from("504b0102", "hex"));
  const end = one.indexOf(Buffer.from("504b0506", "hex"));
  const entry = one.subarray(directory, end);
  const trailer = Buffer.from(one.subarray(end));
  trailer.writeUInt16LE(count + 1, 8);
  trailer.writeUInt16LE(count + 1, 10);
  trailer.writeUInt32LE(entry.length * (count + 1), 12);
  return Buffer.concat([one.subarray(0, directory), ...Array.from({ length: count + 1 }, () => entry), trailer]);
}
