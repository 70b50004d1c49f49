import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { call } from "../testing/call.fixture.ts";
import { IN_PROCESS, profiled, recounted } from "../testing/data-call.fixture.ts";
import { type DataSet, delimited, gzipped, jsonList, ndjson, parquet, peopleData, truthOf } from "../testing/data-set.fixture.ts";
import { dataProfile } from "./data-profile.ts";

const PEOPLE = peopleData(400);
const TRUTH = truthOf(PEOPLE);

const TYPES = { id: "integer", age: "integer", height: "number", city: "string", born: "date", member: "boolean", remark: "string" };

describe("data.profile", () => {
  test.each([
    ["CSV", "people.csv", delimited(PEOPLE)],
    ["CSV with CR LF", "people.csv", delimited(PEOPLE, ",", "\r\n")],
    ["TSV", "people.tsv", delimited(PEOPLE, "\t")],
    ["semicolons", "people.txt", delimited(PEOPLE, ";")],
    ["gzipped CSV", "people.csv.gz", gzipped(delimited(PEOPLE))],
    ["UTF-16 with a mark", "people.csv", Buffer.from(`\ufeff${delimited(PEOPLE)}`, "utf16le")],
    ["a JSON list", "people.json", jsonList(PEOPLE)],
    ["a JSON object with a list", "people.json", `{"total": 1, "items": ${jsonList(PEOPLE)}}`],
    ["NDJSON", "people.ndjson", ndjson(PEOPLE)],
    ["gzipped NDJSON", "people.ndjson.gz", gzipped(ndjson(PEOPLE))],
    ["Parquet", "people.parquet", parquet(PEOPLE, 100)],
    ["gzipped Parquet", "people.parquet.gz", gzipped(parquet(PEOPLE, 100))],
  ])("says of %s what SQL says of the values", async (_, file, content) => {
    const { output, document } = await profiled(content, { file });
    expect(output.rows).toBe(TRUTH.rows);
    expect(output.duplicate_rows).toBe(TRUTH.duplicates);
    expect(output.warnings.filter((warning) => !warning.includes("repeat"))).toEqual([]);
    expect(Object.fromEntries(output.columns.map(({ name, type }) => [name, type]))).toEqual(TYPES);
    for (const column of document.columns) {
      const truth = TRUTH.of(column.name);
      expect([column.name, column.missing, column.distinct, column.distinct_exact]).toEqual([
        column.name,
        truth.missing,
        truth.distinct,
        true,
      ]);
      expect([String(column.min), String(column.max)]).toEqual([String(truth.min), String(truth.max)]);
      if (column.type !== "integer" && column.type !== "number") continue;
      expect(column.mean).toBeCloseTo(truth.mean ?? Number.NaN, 9);
      expect(column.numbers?.median).toBeCloseTo(truth.median ?? Number.NaN, 9);
      expect(column.numbers?.deviation).toBeCloseTo(truth.deviation ?? Number.NaN, 6);
      expect(column.histogram?.bins.reduce((sum, { count }) => sum + count, 0)).toBe(column.present);
    }
  });

  test("counts as missing what pandas.read_csv does, or what the caller says", async () => {
    const csv = "a,b\n1,x\n,NA\nNA,null\nN/A, \n4,None\n-,nan\n";
    const usual = await profiled(csv);
    expect(usual.output.columns).toMatchObject([
      { name: "a", missing: 3, distinct: 3, type: "mixed", numbers: 2, sum: 5, mean: 2.5 },
      { name: "b", missing: 5, distinct: 1, type: "string" },
    ]);
    const own = await profiled(csv, { missing: ["-"] });
    expect(own.output.columns).toMatchObject([{ missing: 2 }, { missing: 1, distinct: 5 }]);
    const none = await profiled('[{"a": "", "b": null}, {"a": "NA"}]', { file: "x.json" });
    expect(none.output.columns).toMatchObject([
      { name: "a", missing: 0, distinct: 2 },
      { name: "b", missing: 2, distinct: 0, type: "empty" },
    ]);
  });

  test("names ragged rows by their line and counts them, whatever stands between", async () => {
    const { output, document } = await profiled('a,b,c\n1,2,3\n1,"x\ny"\n\n1,2,3,4\n5,6,7,\n8\n');
    expect(output.rows).toBe(5);
    expect(output.faults).toEqual({ short_row: 2, long_row: 1 });
    expect(document.faults.listed.map(({ kind, where }) => [kind, where])).toEqual([
      ["short_row", "line 3"],
      ["long_row", "line 6"],
      ["short_row", "line 8"],
    ]);
    expect(output.columns.map(({ missing }) => missing)).toEqual([0, 1, 2]);
  });

  test("goes on after a quote that is never closed", async () => {
    const { output, document } = await profiled('a,b\n1,x\n2,"y\n3,z\n4,w\n');
    expect(output.faults).toEqual({ bad_quotes: 1 });
    expect(document.faults.listed[0]).toMatchObject({ where: "line 3", kept: true });
    expect(output.rows).toBe(4);
    expect(output.columns[0]).toMatchObject({ type: "integer", sum: 10 });
  });

  test("names lines of NDJSON that are none", async () => {
    const { output, document } = await profiled('{"a":1}\n{"a":\n[1]\n\n{"a":2,"b":{"c":[9007199254740993]}}\nnull\n', {
      file: "x.ndjson",
    });
    expect(output).toMatchObject({ rows: 2, faults: { bad_json: 1, not_an_object: 2 } });
    expect(document.faults.listed.map(({ where }) => where)).toEqual(["line 2", "line 3", "line 6"]);
    expect(document.columns[1]).toMatchObject({ type: "json", missing: 1, top: [{ value: '{"c":[9007199254740993]}' }] });
  });

  test("keeps integers beyond 2^53 apart", async () => {
    for (const [file, content] of [
      ["x.ndjson", '{"id":9007199254740993}\n{"id":9007199254740992}\n{"id":9007199254740994}\n'],
      ["x.csv", "id\n9007199254740993\n9007199254740992\n9007199254740994\n"],
    ] as const) {
      const { output } = await profiled(content, { file });
      expect(output.columns[0]).toMatchObject({ type: "integer", distinct: 3, missing: 0 });
      expect(output.warnings.join()).toContain("2^53");
      expect((await recounted(content, { file })).columns[0]).toMatchObject({ distinct_values: 3, numbers: 3 });
    }
  });

  test("finds out delimiter, header, quote and encoding, and says what it found", async () => {
    const bars = await profiled("1|2|x\n3|4|y\n5|6|z\n");
    expect(bars.output).toMatchObject({ rows: 3, source: { delimiter: "|", header: false } });
    expect(bars.output.columns.map(({ name }) => name)).toEqual(["column_1", "column_2", "column_3"]);
    const years = await profiled("country,2019,2020\nA,1,2\nB,3,4\n");
    expect(years.output.columns.map(({ name }) => name)).toEqual(["country", "2019", "2020"]);
    const latin = await profiled(
      Buffer.from("Stra\u00dfe,Gr\u00f6\u00dfe\nK\u00f6nigsallee,\u00fcber hundert\nM\u00fchlgasse,dr\u00fcber\n", "latin1"),
    );
    expect(latin.output.columns.map(({ name }) => name)).toEqual(["Stra\u00dfe", "Gr\u00f6\u00dfe"]);
    expect(latin.output.notes.join()).toContain("windows-1252");
    const single = await profiled("a;b\n'x;1';'y'\n'z';'w'\n'q';'r'\n");
    expect(single.output).toMatchObject({ source: { delimiter: ";", quote: "'" }, columns: [{ min: "q" }, { min: "r" }] });
  });

  test("makes names unique and never takes one for something else", async () => {
    const { output } = await profiled("a,a,,__proto__,a\n1,2,3,4,5\n");
    expect(output.columns.map(({ name }) => name)).toEqual(["a", "a.1", "column_3", "__proto__", "a.2"]);
  });

  test("notes a name that lies", async () => {
    const { output } = await profiled(parquet(PEOPLE), { file: "people.csv" });
    expect(output).toMatchObject({ rows: TRUTH.rows, source: { format: "parquet" } });
    expect(output.notes.join()).toContain("says csv");
  });

  test("finds outliers, patterns, keys and what goes together", async () => {
    const rows = Array.from({ length: 200 }, (_, index): (string | number)[] => [
      `u${index}@example.org`,
      index,
      index === 7 ? 9999 : 10 + (index % 5),
      2 * index + 1,
      "same",
      `0${index}`,
    ]);
    const data: DataSet = { columns: ["mail", "n", "odd", "line", "constant", "code"], rows };
    const { document } = await profiled(delimited(data));
    const [mail, n, odd, , constant, code] = document.columns;
    expect(mail).toMatchObject({ patterns: [{ name: "email", share: 1 }], hints: ["unique_key"] });
    expect(n?.hints).toEqual(["unique_key"]);
    expect(odd?.numbers?.outliers).toMatchObject({ low: 8, high: 16, count: 1, examples: [{ value: 9999, row: 8 }] });
    expect(constant).toMatchObject({ hints: ["constant"], top: [{ value: "same", count: 200 }], top_exact: true });
    expect(code?.hints).toContain("leading_zeros");
    expect(document.correlations[0]).toMatchObject({ columns: ["n", "line"], rows: 200 });
    expect(document.correlations[0]?.r).toBeCloseTo(1, 12);
  });

  test("reads dates with the day first where the column says so", async () => {
    const { document } = await profiled(
      "d,m,e,b\n05/03/2024,03/25/2024,05/03/2024,25/03/2024\n25/12/2023,12/01/2023,01/02/2024,03/25/2024\n",
    );
    expect(document.columns).toMatchObject([
      { type: "date", min: "25/12/2023", max: "05/03/2024", day_order: "day_first" },
      { type: "date", min: "12/01/2023", max: "03/25/2024", day_order: "month_first" },
      { type: "date", day_order: "either" },
      { type: "string" },
    ]);
  });

  test("reads an artifact as it reads a file", async () => {
    const { context } = await profiled("a\n1\n");
    const artifact = await context.artifacts.put({ name: "x", media_type: "text/csv", content: delimited(PEOPLE) });
    const output = await call(dataProfile(IN_PROCESS), { artifact: artifact.hash }, context);
    expect(output).toMatchObject({ rows: TRUTH.rows, source: { artifact: artifact.hash, bytes: artifact.bytes } });
    await expect(call(dataProfile(IN_PROCESS), { artifact: artifact.hash, path: "/x" }, context)).rejects.toSatisfy((error) =>
      isKosError(error, "BAD_REQUEST"),
    );
  });
});

describe("data.recount", () => {
  test.each([
    ["CSV", "people.csv", delimited(PEOPLE)],
    ["NDJSON", "people.ndjson", ndjson(PEOPLE)],
    ["Parquet", "people.parquet", parquet(PEOPLE)],
  ])("agrees with the profile of %s on everything both count", async (_, file, content) => {
    const [{ output }, again] = [await profiled(content, { file }), await recounted(content, { file })];
    expect(again.rows).toBe(output.rows);
    for (const column of output.columns) {
      const {
        name,
        missing,
        numbers,
        sum,
        sum_slack: slack,
        min,
        max,
        distinct_values: values,
        distinct_texts: texts,
      } = again.columns[column.index] ?? {};
      expect({ name, missing, numbers }).toEqual({ name: column.name, missing: column.missing, numbers: column.numbers });
      expect([values, texts]).toContain(column.distinct);
      expect(Math.abs((sum ?? 0) - (column.sum ?? 0))).toBeLessThanOrEqual(slack ?? -1);
      if (column.type === "integer" || column.type === "number") expect([min, max]).toEqual([column.min, column.max]);
    }
  });

  test("counts nothing where there is nothing, and tells numbers from texts that look alike in JSON", async () => {
    expect(await recounted("a,b\n,1\n,2\n")).toMatchObject({
      columns: [
        { missing: 2, distinct_texts: 0 },
        { distinct_values: 2, distinct_texts: null },
      ],
    });
    const mixed = '[{"a":1,"b":true},{"a":"1","b":false},{"a":1.0,"b":null}]';
    expect(await recounted(mixed, { file: "x.json" })).toMatchObject({
      columns: [
        { numbers: 2, distinct_values: 2 },
        { numbers: 0, missing: 1, distinct_texts: 2 },
      ],
    });
    expect((await profiled(mixed, { file: "x.json" })).output.columns).toMatchObject([
      { type: "mixed", numbers: 2, distinct: 2 },
      { type: "boolean", distinct: 2, mean: 0.5 },
    ]);
  });
});
