import { KosError } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldsOf } from "./field.ts";
import { initialValues, readForm } from "./form-values.ts";
import { serverProblems } from "./server-problems.ts";

const SCHEMA = {
  type: "object",
  properties: {
    title: { type: "string", minLength: 2, maxLength: 5, title: "Title", description: "What it is called." },
    path: { type: "string", pattern: "^/", "x-kos-type": "fs.path", title: "Folder" },
    most: { type: "integer", minimum: 1, maximum: 10, default: 5 },
    share: { type: "number" },
    deep: { type: "boolean", default: true },
    exclude: { type: "array", items: { type: "string" }, default: ["a", "b"], maxItems: 3 },
    sizes: { type: "array", items: { type: "integer" } },
    more: { type: "object" },
    kind: { enum: ["one", 2] },
  },
  required: ["path"],
};
const fields = fieldsOf(SCHEMA);
const kindOf = (name: string) => fields.find((field) => field.name === name)?.kind;
const read = (change: Record<string, string | boolean>) => readForm(fields, { ...initialValues(fields), path: "/srv", ...change });

describe("a form from a JSON Schema", () => {
  it("has a control fit for each type, required ones first", () => {
    expect(fields[0]).toMatchObject({ name: "path", kind: "path", isRequired: true, title: "Folder" });
    expect(["title", "most", "share", "deep", "exclude", "sizes", "more", "kind"].map(kindOf)).toEqual([
      "text",
      "integer",
      "number",
      "boolean",
      "list",
      "list",
      "json",
      "choice",
    ]);
    expect(fields.find(({ name }) => name === "most")).toMatchObject({ minimum: 1, maximum: 10, initial: 5 });
  });

  it("shows defaults, and leaves out what is empty so that the node takes its own", () => {
    expect(initialValues(fields)).toMatchObject({ most: "5", deep: true, exclude: "a\nb", title: "" });
    expect(read({}).params).toEqual({ path: "/srv", most: 5, deep: true, exclude: ["a", "b"] });
    expect(read({ exclude: "" }).params).not.toHaveProperty("exclude");
  });

  it("reads every kind of value", () => {
    const { params, problems } = read({ title: "abc", share: "0.5", deep: false, sizes: "1\n\n 22 ", more: '{"a": [1]}', kind: "2" });
    expect([...problems]).toEqual([]);
    expect(params).toMatchObject({ title: "abc", share: 0.5, deep: false, sizes: [1, 22], more: { a: [1] }, kind: 2 });
  });

  it.each([
    ["path", "", /is needed/],
    ["path", "code/here", /from \/ on/],
    ["most", "eleven", /whole number/],
    ["most", "11", /most is 10/],
    ["most", "0", /least is 1/],
    ["title", "a", /At least 2/],
    ["title", "abcdef", /At most 5/],
    ["exclude", "a\nb\nc\nd", /At most 3 lines/],
    ["sizes", "1\nx", /Line 2/],
    ["more", "{a: 1}", /not JSON/],
  ])("says what is wrong with %s = %j", (name, value, message) => {
    const { params, problems } = read({ [name]: value });
    expect(problems.get(name)).toMatch(message);
    expect(params).not.toHaveProperty(name);
  });

  it("takes over what was typed before, as far as it still fits the controls", () => {
    expect(initialValues(fields, { most: "7", deep: "yes", gone: "x" })).toMatchObject({ most: "7", deep: true });
    expect(initialValues(fields, { most: "7" })).not.toHaveProperty("gone");
  });

  it("never throws, whatever the schema or the text is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (schema, typed) => {
        const some = fieldsOf({ properties: { a: schema } });
        readForm(some, { ...initialValues(some), a: typed });
      }),
    );
  });
});

describe("what the node found wrong", () => {
  const refused = (details: object) => new KosError("BAD_REQUEST", "no", { details: details as Record<string, unknown> });

  it("is said at its field, whichever way the path is written", () => {
    const found = serverProblems(
      refused({
        findings: [{ path: "$.params.most", message: "expected at most 10." }],
        problems: [
          { path: "$.params.exclude[3]", message: "expected a string." },
          { path: "body/params/title", message: "too long." },
          { path: "$.tasks[0].params.path", message: "of no field." },
          { path: "$.params.unknown", message: "of no field either." },
        ],
      }),
      fields,
    );
    expect(Object.fromEntries(found)).toEqual({ exclude: "Expected a string.", most: "Expected at most 10.", title: "Too long." });
  });

  it("is of no field where it is something else", () => {
    expect(serverProblems(new Error("x"), fields).size).toBe(0);
    expect(serverProblems(refused({ problems: "x" }), fields).size).toBe(0);
  });
});
