// Plans that cannot run, each with what its first finding must say.

import { graph, task } from "./catalogue.fixture.ts";
import type { Task } from "./plan.ts";

const scan = task("scan", "fs.scan", { path: "/tmp" });

/** Every row: what is wrong, the plan, and what the finding must say: code, place, expectation, hint. */
export const BAD_PLANS: readonly [string, unknown, { code: string; path: string; message: RegExp; hint: RegExp }][] = [
  ["no object", "plan", { code: "SHAPE", path: "$", message: /expected an object, found "plan"/, hint: /./ }],
  [
    "a missing field",
    { goal: "g", strategy: "explicit", output: 1 },
    { code: "SHAPE", path: "$", message: /"tasks" is missing: expected a list/, hint: /Add "tasks"/ },
  ],
  ["no tasks", graph([]), { code: "SHAPE", path: "$.tasks", message: /at least 1 in the list/, hint: /./ }],
  [
    "an unknown field",
    { ...graph([scan]), outputs: 1 },
    { code: "SHAPE", path: "$.outputs", message: /no "outputs" here/, hint: /mean "output"/ },
  ],
  [
    "an unknown strategy",
    { ...graph([scan]), strategy: "magic" },
    { code: "SHAPE", path: "$.strategy", message: /one of "explicit"/, hint: /./ },
  ],
  [
    "an unknown task field",
    graph([{ ...scan, param: {} } as unknown as Task]),
    { code: "SHAPE", path: "$.tasks[0].param", message: /no "param" here/, hint: /mean "params"/ },
  ],
  [
    "a bad task id",
    graph([task("1 bad", "test.echo")]),
    { code: "SHAPE", path: "$.tasks[0].task_id", message: /found "1 bad"/, hint: /./ },
  ],
  [
    "a task that is no object",
    graph([7 as unknown as Task]),
    { code: "SHAPE", path: "$.tasks[0]", message: /expected an object, found 7/, hint: /./ },
  ],
  [
    "a half-written criterion",
    graph([task("a", "test.echo", {}, { review: { criteria: [{ kind: "assert", expresion: "true" } as never] } })]),
    { code: "SHAPE", path: "$.tasks[0].review.criteria[0]", message: /"expression" is missing/, hint: /./ },
  ],
  [
    "a repeated id",
    graph([scan, scan]),
    { code: "DUPLICATE_ID", path: "$.tasks[1].task_id", message: /already a task "scan"/, hint: /own id/ },
  ],
  [
    "a reserved name",
    graph([task("item", "test.echo")]),
    { code: "RESERVED_NAME", path: "$.tasks[0].task_id", message: /reserved name/, hint: /another id/ },
  ],
  [
    "an unknown capability",
    graph([task("a", "fs.scna")]),
    { code: "UNKNOWN_CAPABILITY", path: "$.tasks[0].capability", message: /no agent offers "fs.scna"/, hint: /mean "fs.scan"/ },
  ],
  [
    "an unknown fallback",
    graph([
      task(
        "a",
        "test.echo",
        {},
        { review: { criteria: [{ kind: "schema", schema: true }], fallback: { capability: "no.such", params: {} } } },
      ),
    ]),
    { code: "UNKNOWN_CAPABILITY", path: "$.tasks[0].review.fallback.capability", message: /no.such/, hint: /kai capabilities/ },
  ],
  [
    "a bad agent address",
    graph([task("a", "test.echo", {}, { agent: "somebody" })]),
    { code: "SHAPE", path: "$.tasks[0].agent", message: /not an agent/, hint: /kClass:name/ },
  ],
  [
    "an unknown parent",
    graph([task("a", "test.echo", {}, { parent_id: "b" })]),
    { code: "UNKNOWN_TASK", path: "$.tasks[0].parent_id", message: /no other task "b"/, hint: /./ },
  ],
  [
    "an unknown task in a reference",
    graph([scan, task("b", "test.echo", { x: ["${scann.files}"] })]),
    { code: "UNKNOWN_TASK", path: "$.tasks[1].params.x[0]", message: /\$\{scann.files\} names nothing/, hint: /mean "scan"/ },
  ],
  [
    "a malformed reference",
    graph([task("b", "test.echo", { x: "${scan.}" })]),
    { code: "BAD_REFERENCE", path: "$.tasks[0].params.x", message: /expected .* at column 7/, hint: /\$\$\{/ },
  ],
  [
    "an unknown dependency",
    graph([task("b", "test.echo", {}, { depends_on: ["nope"] })]),
    { code: "UNKNOWN_TASK", path: "$.tasks[0].depends_on[0]", message: /no task "nope"/, hint: /./ },
  ],
  [
    "a path that cannot exist",
    graph([scan, task("b", "test.echo", { x: "${scan.file}" })]),
    { code: "NO_SUCH_OUTPUT", path: "$.tasks[1].params.x", message: /"scan" has no "file"/, hint: /mean "files"/ },
  ],
  [
    "a path into a list item",
    graph([scan, task("b", "test.echo", { x: "${scan.files[0].size}" })]),
    { code: "NO_SUCH_OUTPUT", path: "$.tasks[1].params.x", message: /"scan.files\[0\]" has no "size"/, hint: /path, bytes/ },
  ],
  [
    "a list taken as an object",
    graph([scan, task("b", "test.echo", { x: "${scan.files.path}" })]),
    { code: "NO_SUCH_OUTPUT", path: "$.tasks[1].params.x", message: /it is array, not object/, hint: /./ },
  ],
  [
    "a for_each output taken as one",
    graph([scan, task("m", "code.metrics", { files: [] }, { for_each: [1, 2] }), task("b", "test.echo", { x: "${m.lines}" })]),
    { code: "NO_SUCH_OUTPUT", path: "$.tasks[2].params.x", message: /it is array/, hint: /./ },
  ],
  [
    "item outside for_each",
    graph([task("a", "test.echo", { x: "${item}" })]),
    {
      code: "UNKNOWN_TASK",
      path: "$.tasks[0].params.x",
      message: /\$\{item\}/,
      hint: /only in the params and criteria of a task with for_each/,
    },
  ],
  [
    "params in a plan",
    graph([task("a", "test.echo", { x: "${params.x}" })]),
    { code: "UNKNOWN_TASK", path: "$.tasks[0].params.x", message: /params/, hint: /playbooks/ },
  ],
  [
    "a missing param",
    graph([task("a", "fs.scan", {})]),
    { code: "BAD_PARAM", path: "$.tasks[0].params", message: /fs.scan: "path" is missing: expected text/, hint: /folder to read/ },
  ],
  [
    "a param of the wrong type",
    graph([task("a", "fs.scan", { path: "/x", max_files: "ten" })]),
    { code: "BAD_PARAM", path: "$.tasks[0].params.max_files", message: /expected a whole number, found "ten"/, hint: /./ },
  ],
  [
    "a param out of range",
    graph([task("a", "fs.scan", { path: "/x", max_files: 0 })]),
    { code: "BAD_PARAM", path: "$.tasks[0].params.max_files", message: />= 1, found 0/, hint: /./ },
  ],
  [
    "an unknown param beside a reference",
    graph([scan, task("a", "fs.scan", { path: "${scan.root}", max_file: 1 })]),
    { code: "BAD_PARAM", path: "$.tasks[1].params.max_file", message: /no "max_file"/, hint: /mean "max_files"/ },
  ],
  [
    "a literal beside a reference",
    graph([scan, task("a", "fs.scan", { path: "${scan.root}", mode: "slow" })]),
    { code: "BAD_PARAM", path: "$.tasks[1].params.mode", message: /one of "fast", "full"/, hint: /./ },
  ],
  [
    "a reference of the wrong type",
    graph([scan, task("a", "fs.scan", { path: "${scan.files_total}" })]),
    {
      code: "TYPE_MISMATCH",
      path: "$.tasks[1].params.path",
      message: /takes string here, but \$\{scan.files_total\} gives number/,
      hint: /right type/,
    },
  ],
  [
    "text where a number goes",
    graph([scan, task("a", "fs.scan", { path: "x", max_files: "${scan.files_total}0" })]),
    { code: "TYPE_MISMATCH", path: "$.tasks[1].params.max_files", message: /takes number here, but a text/, hint: /whole reference/ },
  ],
  [
    "for_each over no list",
    graph([scan, task("a", "test.echo", {}, { for_each: "${scan.root}" })]),
    { code: "TYPE_MISMATCH", path: "$.tasks[1].for_each", message: /needs a list, but \$\{scan.root\} gives string/, hint: /list/ },
  ],
  [
    "for_each over text",
    graph([scan, task("a", "test.echo", {}, { for_each: { items: "a ${scan.root}" } })]),
    { code: "TYPE_MISMATCH", path: "$.tasks[1].for_each.items", message: /one whole reference/, hint: /./ },
  ],
  [
    "a broken condition",
    graph([scan, task("a", "test.echo", {}, { when: "scan.files_total >" })]),
    { code: "BAD_EXPRESSION", path: "$.tasks[1].when", message: /at column 19/, hint: /CEL/ },
  ],
  [
    "an unknown name in a condition",
    graph([scan, task("a", "test.echo", {}, { when: "scam.files_total > 0" })]),
    { code: "UNKNOWN_TASK", path: "$.tasks[1].when", message: /no task "scam"/, hint: /mean "scan"/ },
  ],
  [
    "a dashed name in a condition",
    graph([task("a-b", "test.echo"), task("c", "test.echo", {}, { when: "a-b" })]),
    { code: "UNKNOWN_TASK", path: "$.tasks[1].when", message: /no task "a"/, hint: /"-" is minus: rename .* "a_b"/ },
  ],
  [
    "output in a condition",
    graph([task("c", "test.echo", {}, { when: "output.x" })]),
    { code: "UNKNOWN_TASK", path: "$.tasks[0].when", message: /output/, hint: /only in criteria/ },
  ],
  [
    "a broken criterion",
    graph([task("a", "test.echo", {}, { review: { criteria: [{ kind: "assert", expression: "foo(1)" }] } })]),
    { code: "BAD_EXPRESSION", path: "$.tasks[0].review.criteria[0].expression", message: /no function foo/, hint: /./ },
  ],
  [
    "a criterion schema that is none",
    graph([task("a", "test.echo", {}, { review: { criteria: [{ kind: "schema", schema: "x" }] } })]),
    { code: "BAD_CRITERION", path: "$.tasks[0].review.criteria[0].schema", message: /expected a JSON Schema/, hint: /./ },
  ],
  [
    "a criterion schema that would be fetched",
    graph([scan], { criteria: [{ kind: "schema", schema: { items: { $ref: "https://example.org/s.json" } } }] }),
    { code: "BAD_CRITERION", path: '$.criteria[0].schema.items["$ref"]', message: /not fetched/, hint: /\$defs/ },
  ],
  [
    "a task that waits for itself",
    graph([task("a", "test.echo", { x: "${a}" })]),
    { code: "CYCLE", path: "$.tasks[0]", message: /"a" waits for itself/, hint: /"output"/ },
  ],
  [
    "a circle",
    graph([
      task("a", "test.echo", { x: "${c}" }),
      task("b", "test.echo", {}, { depends_on: ["a"] }),
      task("c", "test.echo", {}, { when: "b == 1" }),
    ]),
    { code: "CYCLE", path: "$.tasks[0]", message: /a → c → b → a/, hint: /Remove one/ },
  ],
  [
    "an output that does not resolve",
    graph([scan], { output: { x: "${scan.something}" } }),
    { code: "NO_SUCH_OUTPUT", path: "$.output.x", message: /something/, hint: /It has: files/ },
  ],
  [
    "a plan criterion with an unknown name",
    graph([scan], { criteria: [{ kind: "assert", expression: "params.x" }] }),
    { code: "UNKNOWN_TASK", path: "$.criteria[0].expression", message: /params/, hint: /./ },
  ],
  [
    "params that are too large",
    graph([task("a", "test.echo", { x: "x".repeat(2 ** 20) })]),
    { code: "TOO_LARGE", path: "$.tasks[0].params", message: /more than 1048576/, hint: /artifact/ },
  ],
  [
    "a document that is too large",
    graph(Array.from({ length: 9 }, (_, index) => task(`t${index}`, "test.echo", { x: "x".repeat(2 ** 20) }))),
    { code: "TOO_LARGE", path: "$", message: /more than 8388608/, hint: /for_each/ },
  ],
  [
    "too many tasks",
    graph(Array.from({ length: 20_001 }, (_, index) => task(`t${index}`, "test.echo"))),
    { code: "TOO_LARGE", path: "$.tasks", message: /20001 tasks; at most 20000/, hint: /for_each/ },
  ],
  [
    "nesting without end",
    graph([task("a", "test.echo", { x: JSON.parse("[".repeat(400) + "]".repeat(400)) as unknown })]),
    { code: "TOO_LARGE", path: "$", message: /nested deeper/, hint: /Flatten/ },
  ],
];
