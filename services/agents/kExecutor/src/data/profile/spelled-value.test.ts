import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KIND, spelledValue } from "./spelled-value.ts";

const database = new DatabaseSync(":memory:");
database.exec("CREATE TABLE t (v NUMERIC)");

/** Whether SQLite's numeric affinity takes the text for a finite number. */
function isNumberInSql(text: string): boolean {
  database.exec("DELETE FROM t");
  database.prepare("INSERT INTO t VALUES (?)").run(text);
  const found = database.prepare("SELECT typeof(v) = 'integer' OR (typeof(v) = 'real' AND abs(v) < 9e999) AS yes FROM t").get();
  return (found as { yes: number }).yes === 1;
}

const isNumber = (text: string) => {
  const { kind, number } = spelledValue(text);
  return (kind === KIND.integer || kind === KIND.number) && Number.isFinite(number);
};

describe("spelledValue", () => {
  test("takes for a number what SQLite's numeric affinity does", () => {
    const numberLike = fc.string({ unit: fc.constantFrom(...Array.from("0123456789+-.eE x_,")) });
    fc.assert(
      fc.property(
        fc.oneof(numberLike, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String), fc.bigInt().map(String)),
        (text) => {
          fc.pre(text.trim() !== "");
          expect([text, isNumber(text)]).toEqual([text, isNumberInSql(text)]);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test.each([
    ["1", KIND.integer],
    [" -12 ", KIND.integer],
    ["007", KIND.integer],
    ["1.", KIND.number],
    [".5", KIND.number],
    ["1e3", KIND.number],
    ["1,000", KIND.text],
    ["0x10", KIND.text],
    ["1_000", KIND.text],
    ["١", KIND.text],
    ["TRUE", KIND.boolean],
    ["False", KIND.boolean],
    ["yes", KIND.text],
    ["inf", KIND.number],
    ["-Infinity", KIND.number],
    ["2024-01-31", KIND.date],
    ["2024/1/31", KIND.date],
    ["31.12.2024", KIND.date],
    ["2024-01-31T10:20:30.5+02:00", KIND.datetime],
    ["2024-01-31 10:20", KIND.datetime],
    ["2023-02-29", KIND.text],
    ["2024-13-01", KIND.text],
    ["10:20", KIND.text],
    ["192.168.1.1", KIND.text],
    ["1-2-3", KIND.text],
  ])("%j", (text, kind) => {
    expect(spelledValue(text).kind).toBe(kind);
  });

  test("reads times as Date.parse does", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }), (date) => {
        expect(spelledValue(date.toISOString()).number).toBe(date.getTime());
      }),
    );
    expect(spelledValue("2024-01-31T10:00:00+02:00").number).toBe(Date.UTC(2024, 0, 31, 8));
  });
});
