import { isKosError } from "@kos/klp";
import type { Finding } from "@kos/plan";
import { planHash } from "@kos/plan";
import { describe, expect, it } from "vitest";
import { HEAD, plan, playbookFile, THIRTY_DAYS_MS } from "./planner.fixture.ts";
import type { PlaybookFile } from "./playbook-source.ts";

const DEMO = `${HEAD}goal: Look at \${params.path}
params:
  path: {type: path, required: true, description: Where to look.}
  max: {type: integer, default: 10, minimum: 1, description: How many.}
  tags: {type: list, default: [a], description: Some words.}
tasks:
  - task_id: scan
    title: List the files of \${params.path}
    capability: fs.scan
    params: {path: "\${params.path}", max_files: "\${params.max}"}
  - task_id: tell
    title: Tell
    capability: test.echo
    params: {text: "\${scan.files_total} files, \${params.max} at most", tags: "\${params.tags}"}
    when: scan.files_total <= \${params.max}
output: {total: "\${scan.files_total}"}
criteria:
  - {kind: assert, expression: "output.total <= \${params.max}"}
report: {outputs: [total]}
`;
const demo = playbookFile(DEMO);

async function failure(
  request: unknown,
  files: readonly PlaybookFile[] = [demo],
): Promise<{ code: string; message: string; findings: readonly Finding[] }> {
  try {
    await plan(request, files);
  } catch (error) {
    if (!isKosError(error)) throw error;
    return { code: error.code, message: error.message, findings: (error.details?.["findings"] ?? []) as readonly Finding[] };
  }
  throw new Error("expected an error");
}

describe("an explicit plan", () => {
  const task = { task_id: "a", capability: "fs.scan", params: { path: "/x" } };

  it("[K2] is checked, completed and hashed", async () => {
    const made = await plan({
      plan: { tasks: [task], plan_id: "p", status: "draft", hash: "h", playbook: { name: "lie" }, strategy: "playbook" },
    });
    expect(made.graph).toEqual({ goal: "", output: null, strategy: "explicit", tasks: [{ ...task, title: "a", depends_on: [] }] });
    expect(made.hash).toBe(planHash(made.graph));
    expect(made.findings).toEqual([]);
  });

  it.each([
    ["text", "x", "BAD_REQUEST", "$"],
    ["no tasks", {}, "BAD_REQUEST", "$"],
    ["an unknown capability", { tasks: [{ task_id: "a", capability: "fs.scna" }] }, "UNKNOWN_CAPABILITY", "$.tasks[0].capability"],
    ["a circle", { tasks: [{ task_id: "a", capability: "test.echo", depends_on: ["a"] }] }, "BAD_REQUEST", "$.tasks[0]"],
    ["too much", { tasks: [{ task_id: "a", capability: "test.echo", params: { x: "x".repeat(9_000_000) } }] }, "TOO_LARGE", "$"],
    [
      "a reference to nothing",
      { tasks: [{ task_id: "a", capability: "test.echo", params: { x: "${b.c}" } }] },
      "BAD_REQUEST",
      "$.tasks[0].params.x",
    ],
    ["a wrong type", { tasks: [{ task_id: "a", capability: "fs.scan", params: { path: 1 } }] }, "BAD_REQUEST", "$.tasks[0].params.path"],
  ])("[K1] that is %s is refused with code, place, expectation and hint", async (_, document, code, path) => {
    const problem = await failure({ plan: document });
    expect(problem.code).toBe(code);
    expect(problem.findings[0]).toMatchObject({ severity: "error", path });
    expect(problem.findings[0]?.hint).not.toBe("");
    expect(problem.message).toContain(path);
  });

  it("[K3] carries the caller's labels and budget", async () => {
    const made = await plan({
      plan: { tasks: [task], labels: ["confidential"], budget: { calls: 5, attempts: 1 } },
      labels: ["untrusted"],
      budget: { calls: 9, time_ms: 7 },
    });
    expect(made.graph.labels).toEqual(["confidential", "untrusted"]);
    expect(made.graph.budget).toEqual({ calls: 5, attempts: 1, time_ms: 7 });
  });

  it("[K10] comes with what it may take", async () => {
    const tasks = [
      task,
      {
        task_id: "b",
        capability: "net.post",
        for_each: [1, 2, 3],
        retry: { max_attempts: 2 },
        review: { criteria: [{ kind: "schema", schema: true }], fallback: { capability: "test.echo", params: {} } },
      },
      { task_id: "c", capability: "test.echo", for_each: "${a.files}", timeout_ms: 10 },
    ];
    expect((await plan({ plan: { tasks } })).estimate).toEqual({
      tasks: 3,
      effects: ["fs.read", "net.write"],
      attempts_max: 3 + 12 + 6 + 3,
      calls_max: 12,
      time_ms_once: 1000 + 15_000 + 10,
      time_ms_max: 3000 + 60_000 + 6000 + 30,
      wait_ms_max: 0,
      waits: [],
      units_max: 3 + 48 + 6 + 3,
      open_ended: ["c"],
    });
  });
});

describe("the estimate", () => {
  it("[K10] keeps work and waiting apart", async () => {
    const tasks = [
      { task_id: "work", capability: "fs.scan", params: { path: "/x" } },
      { task_id: "wait", capability: "flow.sleep", params: { ms: 5000 } },
      { task_id: "ask", capability: "human.ask", params: { question: "Well?" } },
      { task_id: "soon", capability: "human.ask", params: { question: "Now?" }, timeout_ms: 60_000 },
    ];
    expect((await plan({ plan: { tasks } })).estimate).toMatchObject({
      time_ms_once: 1000,
      time_ms_max: 3000,
      wait_ms_max: 5000 + THIRTY_DAYS_MS + 60_000,
      waits: ["wait", "ask", "soon"],
    });
  });
});

describe("a single call", () => {
  it("[K2] is a plan of one task whose params are taken literally", async () => {
    const { graph } = await plan({ capability: "test.echo", params: { text: "${not.a.reference}" } });
    expect(graph).toMatchObject({ goal: "Call test.echo", strategy: "explicit", output: "${call}" });
    expect(graph.tasks[0]?.params).toEqual({ text: "$${not.a.reference}" });
    expect((await failure({ capability: "fs.scan", params: { pth: "/" } })).findings.map((finding) => finding.path)).toEqual([
      "$.tasks[0].params",
      "$.tasks[0].params.pth",
    ]);
    expect((await failure({ capability: "no.such" })).code).toBe("UNKNOWN_CAPABILITY");
  });
});

describe("a playbook", () => {
  it("[K5] becomes a plan with its parameters put in", async () => {
    const { graph, notes } = await plan({ playbook: "demo", params: { path: "/srv/${x}", max: 20 } }, [demo]);
    expect(graph.goal).toBe("Look at /srv/${x}");
    expect(graph.strategy).toBe("playbook");
    expect(graph.tasks[0]).toMatchObject({ title: "List the files of /srv/${x}", params: { path: "/srv/$${x}", max_files: 20 } });
    expect(graph.tasks[1]).toMatchObject({
      params: { text: "${scan.files_total} files, 20 at most", tags: ["a"] },
      when: "scan.files_total <= (20)",
    });
    expect(graph.criteria).toEqual([{ kind: "assert", expression: "output.total <= (20)" }]);
    expect(graph.playbook).toMatchObject({ name: "demo", params: { path: "/srv/${x}", max: 20, tags: ["a"] } });
    expect(notes).toEqual([]);
  });

  it("[K7] is known by a hash that comments and layout do not change", async () => {
    const hashOf = async (text: string) =>
      (await plan({ playbook: "demo", params: { path: "/" } }, [playbookFile(text)])).graph.playbook?.hash;
    const hash = await hashOf(DEMO);
    expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await hashOf(`# a comment\n${DEMO.replace("title: Tell\n", "title:   'Tell'\n")}`)).toBe(hash);
    expect(await hashOf(DEMO.replace("title: Tell\n", "title: Told\n"))).not.toBe(hash);
  });

  it.each([
    [{}, "$.params", /"path" is missing/, /Where to look\. An absolute path/],
    [{ path: "relative/path" }, "$.params.path", /found "relative\/path"/, /absolute path/],
    [{ path: "/", max: "many" }, "$.params.max", /a whole number, found "many"/, /How many/],
    [{ path: "/", max: 0 }, "$.params.max", />= 1/, /./],
    [{ path: "/", tags: "a" }, "$.params.tags", /a list, found "a"/, /./],
    [{ path: "/", tags: [1] }, "$.params.tags[0]", /text, found 1/, /./],
    [{ path: "/", maxx: 1 }, "$.params.maxx", /no "maxx"/, /mean "max"/],
  ])("[K6] refuses the parameters %j", async (params, path, message, hint) => {
    const problem = await failure({ playbook: "demo", params });
    expect(problem.code).toBe("BAD_REQUEST");
    expect(problem.findings[0]).toMatchObject({ code: "BAD_PARAM", path });
    expect(problem.findings[0]?.message).toMatch(message);
    expect(problem.findings[0]?.hint).toMatch(hint);
  });

  it.each([
    ["what the file lacks", `${HEAD}params: {}\n`, "playbooks/demo.yaml:1:1", /"tasks" is missing/],
    [
      "an unknown field",
      `${HEAD}params: {}\ntaks: []\ntasks: [{task_id: a, capability: test.echo}]\n`,
      "playbooks/demo.yaml:7:1",
      /no "taks"/,
    ],
    [
      "a bad parameter type",
      `${HEAD}params:\n  x: {type: strng, description: d}\ntasks: [{task_id: a, capability: test.echo}]\n`,
      "playbooks/demo.yaml:7:7",
      /"string", "integer"/,
    ],
    [
      "a default of the wrong type",
      `${HEAD}params:\n  x: {type: integer, default: ten, description: d}\ntasks: [{task_id: a, capability: test.echo}]\n`,
      "playbooks/demo.yaml:7:22",
      /whole number, found "ten"/,
    ],
    [
      "a default of a required one",
      `${HEAD}params:\n  x: {type: integer, required: true, default: 1, description: d}\ntasks: [{task_id: a, capability: test.echo}]\n`,
      "playbooks/demo.yaml:7:38",
      /required parameter has no default/,
    ],
    [
      "another name",
      `${HEAD.replace("demo", "other")}params: {}\ntasks: [{task_id: a, capability: test.echo}]\n`,
      "playbooks/demo.yaml:2:1",
      /called demo.yaml/,
    ],
    [
      "a later format",
      `${HEAD.replace("playbook: 1", "playbook: 2")}params: {}\ntasks: [{}]\n`,
      "playbooks/demo.yaml:1:1",
      /expected 1, found 2/,
    ],
    ["bad YAML", `${HEAD}params: [\n`, "playbooks/demo.yaml:7:1", /./],
    [
      "an unknown parameter",
      `${HEAD}params: {}\ntasks:\n  - task_id: a\n    capability: test.echo\n    params:\n      deep:\n        - "\${params.x}"\n`,
      "playbooks/demo.yaml:12:11",
      /does not resolve/,
    ],
    [
      "an unknown capability",
      `${HEAD}params: {}\ntasks:\n  - task_id: a\n    capability: test.ecco\n`,
      "playbooks/demo.yaml:9:5",
      /no agent offers "test.ecco"/,
    ],
    [
      "a wrong param of a task",
      `${HEAD}params: {}\ntasks:\n  - task_id: a\n    capability: fs.scan\n    params: {path: 3}\n`,
      "playbooks/demo.yaml:10:14",
      /expected text, found 3/,
    ],
    ["a task without an id", `${HEAD}params: {}\ntasks:\n  - capability: test.echo\n`, "playbooks/demo.yaml:8:5", /"task_id" is missing/],
  ])("[K4] with %s is refused with file, line and column", async (_, text, source, message) => {
    const problem = await failure({ playbook: "demo" }, [playbookFile(text)]);
    expect(problem.findings[0]).toMatchObject({ source, severity: "error" });
    expect(problem.findings[0]?.message).toMatch(message);
    expect(problem.findings[0]?.hint).not.toBe("");
    expect(problem.message).toContain(source);
  });

  it("[K8] of the person's own stands in for a shipped one, and says so", async () => {
    const own = playbookFile(DEMO.replace("title: Tell\n", "title: Mine\n"), { origin: "own", file: "data/playbooks/demo.yaml" });
    const made = await plan({ playbook: "demo", params: { path: "/" } }, [demo, own]);
    expect(made.graph.tasks[1]?.title).toBe("Mine");
    expect(made.notes).toEqual(['Your own data/playbooks/demo.yaml is used in place of the shipped playbook "demo".']);
  });

  it("[K8] that does not exist is an error that names the nearest", async () => {
    const problem = await failure({ playbook: "dmeo" });
    expect(problem).toMatchObject({ code: "NOT_FOUND", message: 'There is no playbook "dmeo". Did you mean "demo"?' });
    expect((await failure({ playbook: "../../etc/passwd" })).code).toBe("NOT_FOUND");
  });
});

describe("a goal", () => {
  it("[K9] in words is refused while there is no model, with what can be done instead", async () => {
    const problem = await failure({ goal: "Tell me about this code" });
    expect(problem.code).toBe("MODEL_UNAVAILABLE");
    expect(problem.message).toContain("Strategies there are: explicit, playbook, composed.");
    expect(problem.message).toContain("kai run demo");
  });

  it("[K9] that is a playbook's name is not taken for the playbook", async () => {
    const problem = await failure({ goal: "demo" });
    expect(problem.code).toBe("MODEL_UNAVAILABLE");
    expect(problem.message).toContain('There is a playbook "demo": send {"playbook": "demo"');
  });

  it("[K9] with a strategy that needs more is told what to send", async () => {
    expect(await failure({ goal: "x", strategy: "explicit" })).toMatchObject({ code: "BAD_REQUEST" });
    expect((await failure({ goal: "x", strategy: "playbook" })).message).toContain("{playbook, params}");
    expect((await failure({ goal: "x", strategy: "composed" })).message).toContain("{given, want}");
    expect((await failure({ goal: "x", strategy: "playbook" }, [])).message).toContain("No playbook is installed.");
  });
});
