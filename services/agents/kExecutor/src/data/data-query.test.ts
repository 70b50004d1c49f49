import { existsSync, mkdirSync } from "node:fs";
import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { call } from "../testing/call.fixture.ts";
import { IN_PROCESS, queried } from "../testing/data-call.fixture.ts";
import { delimited, gzipped, jsonList, ndjson, parquet, peopleData } from "../testing/data-set.fixture.ts";
import { temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import { dataQuery } from "./data-query.ts";
import { openDatabase } from "./sql/guarded-database.ts";

const PEOPLE = peopleData(300);

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "answered";
  } catch (error) {
    return isKosError(error) ? `${error.code} ${String(error.details?.["at"])}` : String(error);
  }
}

describe("data.query", () => {
  test.each([
    ["CSV", "p.csv", delimited(PEOPLE)],
    ["gzipped TSV", "p.tsv.gz", gzipped(delimited(PEOPLE, "\t"))],
    ["JSON", "p.json", jsonList(PEOPLE)],
    ["NDJSON", "p.ndjson", ndjson(PEOPLE)],
    ["Parquet", "p.parquet", parquet(PEOPLE)],
  ])("answers over %s with the types of the values", async (_, file, content) => {
    const sql =
      "SELECT city, count(*) AS n, count(age) AS aged, avg(height) AS tall, max(born) AS last FROM data GROUP BY city ORDER BY city";
    const { output } = await queried(content, sql, { file });
    const cities = [...new Set(PEOPLE.rows.map((row) => String(row[3])))].toSorted((one, other) => (one < other ? -1 : 1));
    expect(output.rows.map((row) => row["city"])).toEqual(cities);
    for (const row of output.rows) {
      const own = PEOPLE.rows.filter((person) => person[3] === row["city"]);
      const tall = own.reduce((sum, person) => sum + Number(person[2]), 0) / own.length;
      expect(row).toMatchObject({ n: own.length, aged: own.filter((person) => person[1] !== null).length });
      expect(row["tall"]).toBeCloseTo(tall, 9);
    }
    expect(output.columns.map(({ type }) => type)).toEqual(["string", "integer", "integer", "number", "string"]);
    const flags = await queried(content, "SELECT DISTINCT member, id FROM data WHERE id < 3 ORDER BY id", { file });
    expect(flags.output.rows).toEqual(PEOPLE.rows.slice(0, 3).map((row) => ({ member: row[5], id: row[0] })));
  });

  test("joins several tables", async () => {
    using tree = temporaryTree();
    tree.write("orders.csv", "id,customer,amount\n1,7,10.5\n2,8,20\n3,7,1.5\n");
    tree.write("customers.json", '[{"id":7,"name":"Ann"},{"id":8,"name":"Bob"}]');
    const params = {
      tables: [
        { name: "orders", path: `${tree.path}/orders.csv` },
        { name: "customers", path: `${tree.path}/customers.json` },
      ],
      sql: "SELECT name, sum(amount) AS total FROM orders JOIN customers ON customers.id = customer GROUP BY name ORDER BY name",
    };
    const context = testContext({ fsRoots: [tree.path] });
    const output = await call(dataQuery(IN_PROCESS), params, context);
    expect(output.rows).toEqual([
      { name: "Ann", total: 12 },
      { name: "Bob", total: 20 },
    ]);
    expect(output.tables.map(({ name, rows }) => [name, rows])).toEqual([
      ["orders", 3],
      ["customers", 2],
    ]);
    const twice = { ...params, tables: [params.tables[0], { ...params.tables[1], name: "ORDERS" }] as typeof params.tables };
    expect(await codeOf(call(dataQuery(IN_PROCESS), twice, context))).toBe("BAD_REQUEST /tables");
    expect(await codeOf(call(dataQuery(IN_PROCESS), { ...params, path: `${tree.path}/orders.csv` }, context))).toBe("BAD_REQUEST /tables");
  });

  test("gives a large result as an artifact, whole", async () => {
    const { output, context } = await queried(delimited(PEOPLE), "SELECT id, remark FROM data ORDER BY id, rowid", {
      limit: 2,
      name: "all",
    });
    expect(output).toMatchObject({ row_count: PEOPLE.rows.length, truncated: true, complete: true, result: { name: "all.csv" } });
    expect(output.rows).toHaveLength(2);
    const back = await queried(
      context.textOf("all.csv"),
      "SELECT count(*) AS n, count(DISTINCT id) AS ids, count(remark) AS remarks FROM data",
    );
    expect(back.output.rows).toEqual([{ n: PEOPLE.rows.length, ids: 300, remarks: PEOPLE.rows.filter((row) => row[6] !== null).length }]);
    const lines = await queried(delimited(PEOPLE), "SELECT id, member FROM data", { limit: 0, form: "ndjson" });
    const first = lines.context.textOf("result.ndjson").split("\n", 1)[0] ?? "";
    expect(JSON.parse(first)).toEqual({ id: 0, member: PEOPLE.rows[0]?.[5] });
  });

  test("keeps what SQL numbers cannot say in JSON as text, and names that stand twice apart", async () => {
    const { output } = await queried(
      "a\n1\n",
      "SELECT 9007199254740993 AS big, x'00ff' AS bytes, 9e999 AS much, NULL AS none, 1 AS a, 2 AS a FROM data",
    );
    expect(output.rows).toEqual([{ big: "9007199254740993", bytes: "00ff", much: "Infinity", none: null, a: 1, a_2: 2 }]);
    expect(output.columns.map(({ type }) => type)).toEqual(["integer", "blob", "number", "null", "integer", "integer"]);
  });

  test("keeps codes with zeros in front, and takes missing values for NULL", async () => {
    const { output } = await queried("zip,n,A,a\n00501,NA,1,2\n10001,,3,4\n,5,5,6\n", "SELECT zip, n, A, a_2, typeof(n) AS type FROM data");
    expect(output.rows).toEqual([
      { zip: "00501", n: null, A: 1, a_2: 2, type: "null" },
      { zip: "10001", n: null, A: 3, a_2: 4, type: "null" },
      { zip: null, n: 5, A: 5, a_2: 6, type: "integer" },
    ]);
  });

  test("does not let a spreadsheet run what the data says", async () => {
    const evil = "name\n\"=cmd|'/c calc'!A1\"\n+1+1\n@SUM(1)\n-2+3\nfine\n";
    const { context } = await queried(evil, "SELECT name FROM data", { limit: 0 });
    expect(context.textOf("result.csv").trimEnd().split("\n")).toEqual([
      "name",
      `"'=cmd|'/c calc'!A1"`,
      `"'+1+1"`,
      `"'@SUM(1)"`,
      `"'-2+3"`,
      "fine",
    ]);
    const raw = await queried(evil, "SELECT name FROM data", { limit: 0, escape_formulas: false });
    expect(raw.context.textOf("result.csv")).toContain("\n+1+1\n");
  });

  test.each([
    "ATTACH 'x.db' AS x",
    "SELECT load_extension('x')",
    "SELECT fts3_tokenizer('simple')",
    "SELECT writefile('x', 'y')",
    "SELECT readfile('/etc/passwd')",
    "SELECT edit('x')",
    "PRAGMA writable_schema = 1",
    "PRAGMA temp_store_directory = '/tmp'",
    "SELECT * FROM pragma_database_list",
    "SELECT 1; DROP TABLE data",
    "SELECT 1; SELECT 2",
    "SELECT 1;;; -- end\n /* x */ ; SELECT 2",
    "DROP TABLE data",
    "DELETE FROM data RETURNING *",
    "INSERT INTO data VALUES (1) RETURNING *",
    "UPDATE data SET a = 1 RETURNING *",
    "WITH x AS (SELECT 1) DELETE FROM data",
    "CREATE TABLE x (a)",
    "CREATE TEMP TABLE x (a)",
    "CREATE VIRTUAL TABLE x USING fts5(a)",
    "CREATE TRIGGER t AFTER INSERT ON data BEGIN SELECT 1; END",
    "VACUUM",
    "VACUUM INTO 'x.db'",
    "REINDEX",
    "ANALYZE",
    "BEGIN",
    "COMMIT",
    "SAVEPOINT x",
    "",
    ";",
    "-- nothing",
    "SELECT length(randomblob(1000000000)) FROM data",
    "SELECT length(printf('%.*c', 1000000000, 'x')) FROM data",
    "SELECT replace(hex(zeroblob(30000000)), '0', '0000000000') FROM data",
    "SELECT ? FROM data WHERE a = ?2",
    `SELECT ${"1+".repeat(2000)}1`,
    "SELECT 1\0; DROP TABLE data",
    "SELECT nothing FROM data",
  ])("[R30] refuses %j", async (sql) => {
    expect(await codeOf(queried("a\n1\n", sql === "" ? " " : sql))).toBe("BAD_REQUEST /sql");
  });

  test("[R92] reads nothing outside the granted folders and leaves nothing behind", async () => {
    using tree = temporaryTree();
    mkdirSync(`${tree.path}/root`);
    tree.write("root/a.csv", "a\n1\n");
    tree.write("secret.csv", "a\n1\n");
    tree.link("root/link.csv", "../secret.csv");
    const context = testContext({ fsRoots: [`${tree.path}/root`] });
    const ask = (path: string, sql = "SELECT * FROM data") => codeOf(call(dataQuery(IN_PROCESS), { path, sql }, context));
    expect(await ask(`${tree.path}/secret.csv`)).toBe("FORBIDDEN /path");
    expect(await ask(`${tree.path}/root/link.csv`)).toBe("FORBIDDEN /path");
    expect(await ask(`${tree.path}/root/../secret.csv`)).toBe("FORBIDDEN /path");
    expect(await ask(`${tree.path}/root/none.csv`)).toBe("NOT_FOUND /path");
    expect(await ask(`${tree.path}/root`)).toBe("BAD_REQUEST /path");
    expect(await ask(`${tree.path}/root/a.csv`, ["ATTACH '", tree.path, "/new.db' AS x"].join(""))).toBe("BAD_REQUEST /sql");
    expect(await ask(`${tree.path}/root/a.csv`, ["VACUUM INTO '", tree.path, "/new.db'"].join(""))).toBe("BAD_REQUEST /sql");
    expect(existsSync(`${tree.path}/new.db`)).toBe(false);
  });

  test("a second database cannot be had while rows are loaded either", () => {
    using tree = temporaryTree();
    using database = openDatabase();
    for (const sql of [["ATTACH '", tree.path, "/new.db' AS x"].join(""), ["VACUUM INTO '", tree.path, "/new.db'"].join("")])
      expect(() => database.exec(sql)).toThrow("too many attached databases");
    expect(existsSync(`${tree.path}/new.db`)).toBe(false);
  });

  test("columns and tables of any name stay names", async () => {
    const { output } = await queried(
      'a"; DROP TABLE data; --,select,"x\n"\n1,2,3\n',
      'SELECT "a""; DROP TABLE data; --" AS one, "select" AS two, "x\n" AS three FROM data',
    );
    expect(output.rows).toEqual([{ one: 1, two: 2, three: 3 }]);
  });
});
