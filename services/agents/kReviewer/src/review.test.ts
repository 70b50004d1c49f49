import type { Criterion } from "@kos/plan";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryArtifacts } from "./memory-artifacts.fixture.ts";
import type { ReviewRequest } from "./review.ts";
import { review } from "./review.ts";

function check(criteria: readonly unknown[], fields: Partial<ReviewRequest> = {}, store = memoryArtifacts()) {
  const request = { output: {}, values: {}, artifacts: store.written, round: 1, ...fields };
  return review({ ...request, criteria: criteria as readonly Criterion[] }, store);
}

const counted = {
  output: { files_total: 12, files: ["a", "b"] },
  values: { git: { count: 13, repository: true }, params: { path: "/x" } },
};
const assertion = (expression: string, fields = {}) => ({ kind: "assert", expression, ...fields });

describe("review", () => {
  it("[V1] accepts what meets every criterion", async () => {
    const store = memoryArtifacts();
    await store.put({ name: "report.json", media_type: "application/json", content: '{"files_total": 12}' });
    const verdict = await check(
      [
        { kind: "schema", schema: { type: "object", required: ["files_total"], properties: { files_total: { type: "integer" } } } },
        assertion("output.files_total == git.count - 1 && params.path == '/x'"),
        {
          kind: "artifact",
          name: "report.json",
          media_type: "application/json",
          min_bytes: 5,
          max_bytes: 100,
          contains: ["files_total"],
          schema: { type: "object" },
        },
      ],
      { ...counted, round: 2 },
      store,
    );
    expect(verdict).toEqual({ accepted: true, score: 1, findings: [], round: 2 });
  });

  it("[V4] says what an assertion read when it does not hold", async () => {
    const verdict = await check(
      [assertion("!git.repository || output.files_total == git.count", { id: "second_method", message: "git counts other files" })],
      counted,
    );
    expect(verdict).toEqual({
      accepted: false,
      score: 0,
      round: 1,
      findings: [
        {
          criterion: "second_method",
          severity: "error",
          message: "git counts other files (git.repository = true, output.files_total = 12, git.count = 13)",
          expected: "!git.repository || output.files_total == git.count",
          actual: "git.repository = true, output.files_total = 12, git.count = 13",
        },
      ],
    });
  });

  it("[V6] names the place, the expectation and what was found when a schema does not fit", async () => {
    const schema = {
      type: "object",
      properties: {
        files: { type: "array", items: { type: "string", maxLength: 0 } },
        files_total: { enum: [1, 2] },
        n: { type: "integer" },
      },
      required: ["n"],
    };
    const { findings, score } = await check([{ kind: "schema", schema }, assertion("true")], counted);
    expect(score).toBe(0.5);
    expect(findings.map(({ path, expected, actual }) => [path, expected, actual])).toEqual([
      ["$", "must have required property 'n'", '{"files_total":12,"files":["a","b"]}'],
      ["$.files[0]", "must NOT have more than 0 characters", '"a"'],
      ["$.files[1]", "must NOT have more than 0 characters", '"b"'],
      ["$.files_total", "must be equal to one of the allowed values ([1,2])", "12"],
    ]);
    expect(findings[1]?.message).toContain("the output does not fit: $.files[0]");
  });

  it.each([
    ["a missing name", assertion("scan.total == 1"), /nothing is named "scan"/],
    ["a missing member", assertion("output.total == 1"), /no member "total"/],
    ["a syntax error", assertion("output =="), /column 10/],
    ["something that is not true or false", assertion("output.files_total"), /gives a number/],
    ["work without end", assertion("l.all(a, l.all(b, l.all(c, a + b + c > -1)))"), /steps/],
    ["an unknown kind", { kind: "magic" }, /no criterion of the kind "magic"/],
    ["a schema that is none", { kind: "schema", schema: "object" }, /a schema is an object/],
    ["an unknown keyword", { kind: "schema", schema: { type: "object", requird: ["x"] } }, /unknown keyword: "requird"/],
    ["an unknown type", { kind: "schema", schema: { type: "objekt" } }, /schema is invalid/],
    ["an unknown format", { kind: "schema", schema: { type: "string", format: "phone" } }, /unknown format "phone"/],
    ["a pattern that is none", { kind: "schema", schema: { type: "object", patternProperties: { "(": {} } } }, /pattern/],
    ["a pattern that can backtrack", { kind: "schema", schema: { type: "string", pattern: "(?=a)a" } }, /RE2/],
    ["a schema elsewhere", { kind: "schema", schema: { $ref: "http://127.0.0.1:1/schema.json" } }, /can't resolve reference/],
    ["another dialect", { kind: "schema", schema: { $schema: "http://json-schema.org/draft-04/schema#" } }, /no schema with key or ref/],
    ["a schema that only names itself", { kind: "schema", schema: { $ref: "#" } }, /call stack/],
  ])("[V2] never accepts because a criterion could not be evaluated: %s", async (_, criterion, words) => {
    const l = Array.from({ length: 5000 }, (__, index) => index);
    const verdict = await check([criterion, assertion("true")], { ...counted, values: { l } });
    expect(verdict).toMatchObject({ accepted: false, score: 0.5 });
    expect(verdict.findings).toHaveLength(1);
    expect(verdict.findings[0]).toMatchObject({ criterion: "criteria[0]", severity: "error" });
    expect(verdict.findings[0]?.message).toMatch(/^the criterion could not be evaluated: /);
    expect(verdict.findings[0]?.message).toMatch(words);
  });

  it("[V3] matches patterns in linear time", async () => {
    const schema = { type: "object", properties: { s: { type: "string", pattern: "^(a+)+$" } } };
    const verdict = await check([{ kind: "schema", schema }], { output: { s: `${"a".repeat(50_000)}!` } });
    expect(verdict.findings[0]?.message).toContain("must match pattern");
  });

  it("[V3] tells the patterns of one schema apart", async () => {
    const properties = {
      a: { type: "string", pattern: "^a+$" },
      b: { type: "string", pattern: "^b+$" },
      c: { type: "string", pattern: "^c+$" },
    };
    const verdict = await check([{ kind: "schema", schema: { type: "object", properties } }], { output: { a: "aa", b: "aa", c: "cc" } });
    expect(verdict.findings.map((finding) => finding.path)).toEqual(["$.b"]);
  });

  it("[V3] keeps schemas of different reviews apart", async () => {
    const first = { $id: "https://kos/same", type: "object", required: ["a"] };
    expect((await check([{ kind: "schema", schema: first }])).accepted).toBe(false);
    expect((await check([{ kind: "schema", schema: { $id: "https://kos/same", type: "object" } }])).accepted).toBe(true);
    expect((await check([{ kind: "schema", schema: { $ref: "https://kos/same" } }])).findings[0]?.message).toContain(
      "could not be evaluated",
    );
  });

  it("[V3] follows 2020-12, formats and the project's own annotations", async () => {
    const schema = {
      type: "array",
      prefixItems: [{ type: "string", format: "date-time", "x-kos-type": "time" }],
      items: false,
      $defs: { a: {} },
    };
    expect((await check([{ kind: "schema", schema }], { output: ["2026-11-22T10:00:00Z"] })).accepted).toBe(true);
    expect((await check([{ kind: "schema", schema }], { output: ["2026-11-22T10:00:00Z", 1] })).accepted).toBe(false);
    expect((await check([{ kind: "schema", schema }], { output: ["yesterday"] })).accepted).toBe(false);
    expect((await check([{ kind: "schema", schema: false }])).accepted).toBe(false);
  });

  describe("of artifacts", () => {
    const found = async (criterion: object, content: string | Uint8Array = "hello", media_type = "text/plain") => {
      const store = memoryArtifacts();
      await store.put({ name: "a.txt", media_type, content });
      return (await check([{ kind: "artifact", name: "a.txt", ...criterion }], {}, store)).findings.map((finding) => finding.message);
    };

    it("[V5] finds what is missing, and names what there is", async () => {
      const [finding] = (
        await check([{ kind: "artifact", name: "b.txt" }], { artifacts: [{ name: "a.txt", media_type: "x", bytes: 0, hash: "sha256:0" }] })
      ).findings;
      expect(finding).toMatchObject({ message: 'the artifact "b.txt" was not written', expected: "b.txt", actual: "a.txt" });
    });

    it.each([
      [{ media_type: "text/html" }, 'the media type of "a.txt": expected text/html, found text/plain'],
      [{ min_bytes: 6 }, 'the size of "a.txt": expected at least 6 bytes, found 5 bytes'],
      [{ max_bytes: 4 }, 'the size of "a.txt": expected at most 4 bytes, found 5 bytes'],
      [{ contains: ["hell", "world"] }, 'the content of "a.txt": expected the text "world", found it is not there'],
      [{ schema: {} }, 'the content of "a.txt": expected JSON, found "hello"'],
    ])("%j", async (criterion, message) => {
      expect(await found(criterion)).toEqual([message]);
    });

    it("[V5] checks JSON content against a schema", async () => {
      expect(await found({ schema: { type: "array" } }, '{"a": 1}')).toEqual(['in "a.txt": $ must be array']);
      expect(await found({ schema: { typ: "array" } }, "[]")).toEqual([expect.stringContaining("schema could not be evaluated")]);
      expect(await found({ contains: ["x"] }, new Uint8Array([0xff, 0xfe]))).toEqual([
        'the content of "a.txt": expected text in UTF-8, found other bytes',
      ]);
    });

    it("[V5] notices bytes that are not those of the hash", async () => {
      const store = memoryArtifacts();
      const ref = await store.put({ name: "a.txt", media_type: "text/plain", content: "hello" });
      store.corrupt(ref.hash);
      const verdict = await check([{ kind: "artifact", name: "a.txt" }], {}, store);
      expect(verdict.accepted).toBe(false);
      expect(verdict.findings[0]).toMatchObject({ expected: `${ref.hash}, 5 bytes` });
      const gone = await check([{ kind: "artifact", name: "a.txt" }], { artifacts: [{ ...ref, hash: `sha256:${"0".repeat(64)}` }] }, store);
      expect(gone.findings[0]).toMatchObject({ message: '"a.txt" cannot be read: No such artifact.', actual: "NOT_FOUND" });
    });

    it("[V5] looks at the last one written under a name", async () => {
      const store = memoryArtifacts();
      await store.put({ name: "a.txt", media_type: "text/plain", content: "old" });
      await store.put({ name: "a.txt", media_type: "text/plain", content: "new" });
      expect((await check([{ kind: "artifact", name: "a.txt", contains: ["new"] }], {}, store)).accepted).toBe(true);
    });
  });

  it("[V6] [R67] writes findings on one line, without control characters", async () => {
    const output = { "a\nb": "x\u001b[31m\u2028\u202ey" };
    const { findings } = await check([{ kind: "schema", schema: { type: "array" } }, assertion("output == 1")], { output });
    expect(findings).toHaveLength(2);
    for (const text of findings.flatMap((finding) => Object.values(finding))) expect(text).not.toMatch(/[\u0000-\u001f\u2028\u202e]/);
  });

  it("[R75] property: no output makes a review throw or touches a prototype", async () => {
    const criteria = [
      { kind: "schema", schema: { type: "object", properties: { a: { type: "string" } } } },
      assertion("has(output.a.b) || output.__x == 1"),
      assertion("output.constructor.prototype == 1"),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.jsonValue(), fc.constant(JSON.parse('{"__proto__": {"a": 1}, "constructor": {"prototype": 1}}') as unknown)),
        async (output) => {
          const verdict = await check(criteria, { output });
          expect(verdict.accepted).toBe(verdict.findings.length === 0);
        },
      ),
      { numRuns: 100 },
    );
    expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
  });
});
