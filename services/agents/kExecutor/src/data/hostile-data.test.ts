// Sources that lie, blow up or break off: each is named with its reason, and nothing crashes.

import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { profiled, queried, recounted } from "../testing/data-call.fixture.ts";
import { delimited, gzipped, parquet, peopleData } from "../testing/data-set.fixture.ts";

const PEOPLE = peopleData(200);
const MIB = 1_048_576;

async function refusal(content: string | Uint8Array, file: string, params: Parameters<typeof profiled>[1] = {}): Promise<string> {
  try {
    await profiled(content, { file, ...params });
    return "read";
  } catch (error) {
    if (isKosError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe("hostile data", () => {
  test("a table of 100,000 columns is refused with the number and the bound", async () => {
    const wide = `${Array.from({ length: 100_000 }, (_, index) => `c${index}`).join(",")}\n${"1,".repeat(99_999)}1\n`;
    expect(await refusal(wide, "wide.csv")).toMatch(/^TOO_LARGE: .*at most 2000/);
    const keys = JSON.stringify(Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`k${index}`, 1])));
    expect(await refusal(`${keys}\n${keys}\n`, "wide.ndjson")).toMatch(/^TOO_LARGE: .*at most 2000/);
    const most = await profiled(`${Array.from({ length: 2000 }, (_, index) => `c${index}`).join(",")}\n${"1,".repeat(1999)}1\n`);
    expect(most.output.columns).toHaveLength(2000);
  });

  test("a line without end is left out, named and counted", async () => {
    const text = `a,b\n1,2\n${"x".repeat(18 * MIB)}`;
    const { output, document } = await profiled(text);
    expect(output).toMatchObject({ rows: 1, faults: { too_long: 1 } });
    expect(document.faults.listed).toMatchObject([{ kind: "too_long", where: "line 3", kept: false }]);
    const lines = await profiled(`{"a":1}\n{"a":"${"x".repeat(18 * MIB)}"}\n{"a":2}\n`, { file: "x.ndjson" });
    expect(lines.output).toMatchObject({ rows: 2, faults: { too_long: 1 } });
    expect(lines.document.faults.listed[0]?.where).toBe("line 2");
  });

  test("a quote that opens and swallows 18 MiB does not cost the rows in it", async () => {
    const { output } = await profiled(`a,b\n1,"open\n${`2,${"x".repeat(60)}\n`.repeat(300_000)}`);
    expect(output.rows).toBe(300_001);
    expect(output.faults["bad_quotes"]).toBeGreaterThanOrEqual(1);
    expect(output.columns[0]).toMatchObject({ type: "integer", distinct: 2 });
  }, 60_000);

  test("a field of many megabytes is a value like others", async () => {
    const { output } = await profiled(`a,b\n1,${"x".repeat(4 * MIB)}\n2,y\n`);
    expect(output.columns[1]).toMatchObject({ type: "string", distinct: 2, missing: 0 });
    expect(String(output.columns[1]?.min).length).toBeLessThan(300);
  });

  test("NUL characters are characters", async () => {
    const { output } = await profiled("a,b\n\0,1\nx\0y,2\nx,3\n");
    expect(output.columns[0]).toMatchObject({ type: "string", distinct: 3 });
    expect(output.notes.join()).toContain("NUL");
    expect((await recounted("a,b\n\0,1\nx\0y,2\nx,3\n")).columns[0]).toMatchObject({ distinct_texts: 3, missing: 0 });
    expect((await queried("a\0b,c\n1,2\n", "SELECT * FROM data")).output.rows).toEqual([{ "a\u2400b": 1, c: 2 }]);
  });

  test("bytes that are no text in the encoding are shown as such", async () => {
    const { output } = await profiled(
      Buffer.concat([Buffer.from(`a,b\n${"ä,1\n".repeat(80_000)}`), Buffer.from([0xff, 0x2c, 0x32, 0x0a])]),
    );
    expect(output.notes.join()).toContain("not valid utf-8");
    expect(output.columns[0]).toMatchObject({ distinct: 2 });
    expect(await refusal("a\n1\n", "x.csv", { encoding: "klingon" })).toMatch(/^BAD_REQUEST: "klingon"/);
  });

  test.each([
    ["lists", "[".repeat(200_000), "bomb.json"],
    ["objects", '{"a":'.repeat(200_000), "bomb.json"],
    ["closed lists", `[{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}]`, "bomb.json"],
    ["a line of lists", `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}\n{"a":1}\n{"a":2}\n`, "bomb.ndjson"],
  ])("a depth bomb of %s neither crashes nor hangs", async (_, content, file) => {
    const said = await refusal(content, file);
    expect(said).toMatch(/^(?:read|BAD_REQUEST: )/);
  });

  test("JSON above its bound is refused with the way out", async () => {
    expect(await refusal(`[{"a":"${"x".repeat(65 * MIB)}"}]`, "large.json")).toMatch(/^TOO_LARGE: .*NDJSON/);
  });

  test.each([
    ["nothing", "", "BAD_REQUEST: .*empty"],
    ["white space", " \n\n", "BAD_REQUEST: .*empty"],
    ["a ZIP archive", Buffer.from("PK\x03\x04\0\0\0\0\xff\xfe", "latin1"), "BAD_REQUEST: .*ZIP.*CSV"],
    ["a PDF", Buffer.from("%PDF-1.7\n\0\xff\xff", "latin1"), "BAD_REQUEST: .*PDF"],
    ["a picture", Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\x04\0\b\x06\0\0\0", "latin1"), "BAD_REQUEST: .*binary"],
    ["a number alone", "[1,2,3]", "BAD_REQUEST: .*no objects"],
    ["half a document", '[{"a":1},', "BAD_REQUEST: .*JSON"],
  ])("%s is refused for what it is", async (_, content, said) => {
    expect(await refusal(content, "data.json")).toMatch(new RegExp(`^${said}`, "s"));
  });

  test("gzip that breaks off, is damaged or never ends", async () => {
    const whole = gzipped(delimited(peopleData(5000)));
    expect(await refusal(whole.subarray(0, whole.length - 200), "x.csv.gz")).toMatch(/^BAD_REQUEST: .*damaged or cut short/);
    const flipped = Buffer.from(whole);
    flipped.fill(0x55, 5000, 5100);
    expect(await refusal(flipped, "x.csv.gz")).toMatch(/^BAD_REQUEST: /);
    const bomb = gzipped(Buffer.alloc(24 * MIB, "a,b\n1,2\n"));
    expect(bomb.length).toBeLessThan(MIB);
    expect(await refusal(bomb, "bomb.csv.gz", { max_bytes: 2 * MIB })).toMatch(/^TOO_LARGE: .*after decompression/);
    expect(await refusal(gzipped(bomb), "twice.csv.gz")).toMatch(/^BAD_REQUEST: .*binary/);
  });

  test("Parquet that is cut, overwritten or lies about its sizes", async () => {
    const whole = parquet(PEOPLE);
    for (const cut of [8, 100, Math.floor(whole.length / 2), whole.length - 1])
      expect(await refusal(whole.subarray(0, cut), "x.parquet")).toMatch(/^BAD_REQUEST: /);
    let read = 0;
    for (let at = 4; at < whole.length; at += 97) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      const said = await refusal(changed, "x.parquet");
      expect(said).toMatch(/^(?:read|BAD_REQUEST: |TOO_LARGE: )/);
      if (said === "read") read += 1;
    }
    expect(read).toBeGreaterThan(0);
  }, 120_000);

  test("a Parquet footer that promises the world is not believed", async () => {
    const whole = parquet(PEOPLE);
    const long = Buffer.from(whole);
    long.writeUInt32LE(0x7fffffff, long.length - 8);
    expect(await refusal(long, "x.parquet")).toMatch(/^BAD_REQUEST: .*damaged/);
  });

  test("dates beyond the calendar, numbers beyond the doubles", async () => {
    const { output } = await profiled("d,n\n2024-02-30,1e999\n9999-99-99,-inf\n2024-02-29,1\n");
    expect(output.columns).toMatchObject([
      { type: "string", distinct: 3 },
      { type: "number", min: 1, max: 1, mean: 1, numbers: 1 },
    ]);
    expect(output.warnings.join()).toContain("infinite");
  });
});
