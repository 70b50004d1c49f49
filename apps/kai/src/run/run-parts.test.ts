import { describe, expect, it } from "vitest";
import { PLAYBOOK_PARAMS } from "../testing/fake-node.ts";
import { readAnswer } from "./answer-text.ts";
import { durationMs, parseBudget } from "./budget.ts";
import { paramSpecsOf } from "./param-type.ts";
import { readParams } from "./param-values.ts";
import { parseText } from "./plan-file.ts";
import { safeFileName } from "./report-folder.ts";

const SPECS = paramSpecsOf({
  ...PLAYBOOK_PARAMS,
  required: [],
  properties: {
    ...PLAYBOOK_PARAMS.properties,
    max_bytes: { type: "number" },
    names: { type: "array", items: { type: "string" } },
    extra: { type: "array", items: { type: "string", "x-kos-type": "fs.path" } },
    how: { type: "string", enum: ["short", "long"] },
    shape: { type: "object" },
  },
});

function read(args: readonly string[], more: { readonly pairs?: readonly string[]; readonly document?: Record<string, unknown> } = {}) {
  return readParams(SPECS, {
    args,
    pairs: [],
    document: {},
    resolvePath: (path) => `/here/${path}`,
    owner: "It",
    otherOptions: ["detach"],
    ...more,
  });
}

describe("parameters on the command line", () => {
  it("get the type that the playbook says", () => {
    const { values, paths } = read([
      "--path",
      "x",
      "--top=5",
      "--deep",
      "--max-bytes",
      "-1.5",
      "--names",
      "a, b",
      "--shape",
      '{"a":1}',
      "--extra",
      "p",
      "--extra",
      "q",
    ]);
    expect(values).toEqual({
      path: "/here/x",
      top: 5,
      deep: true,
      max_bytes: -1.5,
      names: ["a", "b"],
      shape: { a: 1 },
      extra: ["/here/p", "/here/q"],
    });
    expect(paths).toEqual(["/here/x", "/here/p", "/here/q"]);
  });

  it("can be taken back, given as pairs or come from a document; the command line wins", () => {
    expect(read(["--no-deep", "--top", "3"], { pairs: ["how=long"], document: { top: 1, deep: true, path: "d" } })).toEqual({
      values: { top: 3, deep: false, how: "long", path: "/here/d" },
      paths: ["/here/d"],
    });
  });

  it.each([
    [["--pth", "x"], "Did you mean --path?"],
    [["--detch"], "Did you mean --detach?"],
    [["--top", "1.5"], "whole number"],
    [["--deep", "--top"], "--top needs a value"],
    [["--how", "lang"], '--how cannot be "lang"'],
    [["x"], "every parameter needs its name"],
    [["--shape", "{"], "takes JSON"],
    [["--deep=perhaps"], "true or false"],
  ])("%j is refused: %s", (args, expected) => {
    let message = "";
    try {
      read(args);
    } catch (error) {
      message = `${(error as Error).message} ${JSON.stringify((error as { details?: unknown }).details)}`;
    }
    expect(message).toContain(expected);
  });
});

describe("a plan file", () => {
  it("says where a JSON path stands, in YAML and in JSON", () => {
    const yaml = parseText("goal: x\ntasks:\n  - task_id: a\n    params:\n      url: y\n", "plan.yaml");
    expect(yaml.place("$.tasks[0].params.url")).toBe("plan.yaml:5:7");
    expect(yaml.place("$.tasks[0].params.gone.deeper")).toBe("plan.yaml:4:5");
    expect(yaml.place("$")).toBe("plan.yaml:1:1");
    expect(parseText('{\n  "tasks": [\n    {"task_id": "a"}\n  ]\n}', "plan.json").place('$.tasks[0]["task_id"]')).toBe("plan.json:3:6");
  });

  it("with an error in it is refused with the line", () => {
    expect(() => parseText("a: 1\na: 2\n", "p.yaml")).toThrow(
      expect.objectContaining({ code: "BAD_REQUEST", details: { place: "p.yaml:2:1" } }),
    );
    expect(() => parseText("a: [1\n", "p.yaml")).toThrow("p.yaml cannot be read");
  });

  it("that unfolds aliases without end is refused", () => {
    const lines = Array.from(
      { length: 12 },
      (_, depth) => `a${depth}: &a${depth} [${Array.from({ length: 10 }, () => (depth === 0 ? "x" : `*a${depth - 1}`)).join(",")}]`,
    );
    expect(() => parseText(lines.join("\n"), "p.yaml")).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  });
});

describe("a budget", () => {
  it("is read with its units", () => {
    expect(parseBudget("time=10m, attempts=50,calls=20,units=5")).toEqual({ time_ms: 600_000, attempts: 50, calls: 20, units: 5 });
    expect(["90s", "1.5h", "500ms", "7"].map(durationMs)).toEqual([90_000, 5_400_000, 500, 7000]);
  });

  it.each(["tme=1m", "time=soon", "calls=0", "calls=", "time=0s"])("%s is refused", (text) => {
    expect(() => parseBudget(text)).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  });
});

describe("an answer", () => {
  const review = { type: "object", required: ["decision"], properties: { decision: { enum: ["accept", "retry", "fail"] } } };

  it.each([
    ["2", { choices: ["red", "blue"] }, "blue"],
    ["RED", { choices: ["red", "blue"] }, "red"],
    ["retry", { schema: review }, { decision: "retry" }],
    ["1", { schema: review, choices: ["accept", "retry", "fail"] }, { decision: "accept" }],
    ["some text ", {}, "some text "],
    ["12", { schema: { type: "string" } }, "12"],
    ["12", { schema: { type: "integer" } }, 12],
    ["yes", { schema: { type: "boolean" } }, true],
  ])("%j to %j is %j", (text, input, answer) => {
    expect(readAnswer(text, input)).toEqual({ answer });
  });

  it("that does not fit is asked for again", () => {
    expect(readAnswer("green", { choices: ["red"] })).toEqual({ problem: "Answer with one of: red." });
    expect(readAnswer("maybe", { schema: review })).toEqual({ problem: "Answer with one of: accept, retry, fail." });
    expect(readAnswer("x", { schema: { type: "integer" } })).toEqual({ problem: "Answer with JSON (integer)." });
  });
});

describe("the name of an artifact's file", () => {
  it.each([
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "",
    "a/..",
    "..\\..\\x",
    ".ssh",
    "con.txt",
    "a\u0000b",
    "x\u202eexe.txt",
    "-rf",
    "~",
  ])("[R92] %j stays in its folder", (name) => {
    const safe = safeFileName(name);
    expect(safe).toMatch(/^[^./\\\u0000][^/\\\u0000]*$/);
    expect(safe).not.toBe("con.txt");
  });

  it("keeps a plain name", () => {
    expect(safeFileName("Bericht über 文字.html")).toBe("Bericht über 文字.html");
  });
});
