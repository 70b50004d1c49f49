// Runs from the command line to the report, against the real gateway over a scripted run.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { frameOf, HASH, PLAN_ID, planView, taskView } from "@kos/api/scripted-run.fixture";
import { KosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { runKai } from "./kai.ts";
import { type FakeNode, type FakeNodeOptions, startFakeNode } from "./testing/fake-node.ts";
import { createTestMachine, type TestMachine, type TestMachineOptions } from "./testing/test-machine.ts";

const WAITING_VIEW = planView([taskView("scan"), taskView("report", { depends_on: ["scan"] })]);
const DONE_VIEW = planView(
  [
    taskView("scan", { status: "succeeded", attempt: 2, verdict: { accepted: true, score: 1, findings: [] } }),
    taskView("report", { status: "succeeded", attempt: 1, depends_on: ["scan"] }),
  ],
  { status: "succeeded", seq: 9, output: { files_total: 1234, bytes_total: 5_600_000, languages: [{ name: "TypeScript" }] } },
);
const ARTIFACT = {
  artifact_id: "019a8c3e-7b1a-7000-8000-0000000000aa",
  name: "report.html",
  media_type: "text/html",
  bytes: 11,
  hash: HASH,
  labels: [],
  created_by: "kExecutor:main",
  created_at: "2026-11-22T12:00:05Z",
  version: 1,
  content: "<h1>Hi</h1>",
};

/** Tells a whole run as soon as somebody follows it. */
function tellRun(node: FakeNode): void {
  const steps = [
    { event: "plan.started" },
    { event: "task.dispatched", taskId: "scan", fields: { attempt: 1 } },
    {
      event: "task.attempt_failed",
      taskId: "scan",
      fields: { error: { message: "disk \u001b[2Jwas slow" }, retry_at: "2026-11-22T12:00:05Z" },
    },
    { event: "task.dispatched", taskId: "scan", fields: { attempt: 2 } },
    { event: "task.succeeded", taskId: "scan" },
    { event: "task.dispatched", taskId: "report", fields: { attempt: 1 } },
    { event: "task.succeeded", taskId: "report" },
    { event: "plan.finished", planStatus: "succeeded" as const, fields: { status: "succeeded" } },
  ];
  node.show(DONE_VIEW);
  for (const [place, step] of steps.entries()) node.emit(frameOf(step, place + 2));
}

async function open(options: TestMachineOptions & Partial<FakeNodeOptions> = {}): Promise<{ machine: TestMachine; node: FakeNode }> {
  const machine = await createTestMachine(options);
  const node = await startFakeNode({
    dataFolder: join(machine.cwd, "data"),
    view: WAITING_VIEW,
    artifacts: [ARTIFACT],
    onFollow: tellRun,
    ...options,
  });
  await mkdir(join(machine.cwd, "code"));
  return { machine, node };
}

describe("kai run", () => {
  it("prints plan, progress, verdicts, result, report and how to verify it, and ends with 0", async () => {
    const { machine, node } = await open();
    await using _ = node;
    const code = await runKai(["run", "repo-report", "--path", "code", "--top", "5", "--data", "data"], machine);
    expect(machine.err()).toBe("");
    expect(code).toBe(0);
    expect(machine.out()).toContain("Report on /src");
    expect(machine.out()).toContain("└─ ");
    expect(machine.out()).toContain("scan again (retry 1): disk \\u001b[2Jwas slow");
    expect(machine.out()).toContain("accepted");
    expect(machine.out()).toContain("1,234");
    expect(machine.out()).toContain("5.6 MB");
    expect(machine.out()).toContain("kai --data data show a1b2c3d4 --evidence > run.kos.json && kai verify run.kos.json");
    const folder = join(machine.cwd, "repo-report-a1b2c3d4");
    expect(await readFile(join(folder, "report.html"), "utf8")).toBe("<h1>Hi</h1>");
    expect(node.submissions[0]?.request).toEqual({ playbook: "repo-report", params: { path: join(machine.cwd, "code"), top: 5 } });
  });

  it("grants the folders given on its command line by a one-time file that it removes again", async () => {
    let roots: unknown;
    const machine = await createTestMachine();
    await mkdir(join(machine.cwd, "code"));
    const dataFolder = join(machine.cwd, "data");
    await using node = await startFakeNode({
      dataFolder,
      view: WAITING_VIEW,
      onFollow: tellRun,
      async onSubmit({ submissions }) {
        roots = JSON.parse(await readFile(join(dataFolder, "grants", `${submissions[0]?.grant}.json`), "utf8"));
      },
    });
    await runKai(["run", "repo-report", "--path", "./code", "--data", "data", "--no-out"], machine);
    expect(node.submissions[0]?.grant).toBe("s".repeat(32));
    expect(roots).toMatchObject({ roots: [join(machine.cwd, "code")] });
    await expect(readFile(join(dataFolder, "grants", `${"s".repeat(32)}.json`))).rejects.toThrow("ENOENT");
  });

  it("never writes over a report that is there", async () => {
    const { machine, node } = await open();
    await using _ = node;
    await mkdir(join(machine.cwd, "out"));
    await writeFile(join(machine.cwd, "out", "report.html"), "mine");
    await runKai(["run", "repo-report", "--path", "code", "--out", "out", "--data", "data"], machine);
    expect(await readFile(join(machine.cwd, "out", "report.html"), "utf8")).toBe("mine");
    expect(await readFile(join(machine.cwd, "out-2", "report.html"), "utf8")).toBe("<h1>Hi</h1>");
  });

  it("with --json prints one object a line: plan, frames, result", async () => {
    const { machine, node } = await open();
    await using _ = node;
    expect(await runKai(["run", "repo-report", "--path", "code", "--json", "--data", "data"], machine)).toBe(0);
    const events = machine.jsonLines().map((line) => line["event"]);
    expect(events[0]).toBe("plan");
    expect(events.slice(1, -1)).toEqual(Array.from({ length: 8 }, () => "frame"));
    expect(machine.jsonLines().at(-1)).toMatchObject({
      event: "result",
      plan_id: PLAN_ID,
      status: "succeeded",
      exit_code: 0,
      report: "./repo-report-a1b2c3d4",
    });
  });

  it("draws on a terminal and leaves it as it was, whatever stands in the plan", async () => {
    const { machine, node } = await open({ isTty: true });
    await using _ = node;
    await runKai(["run", "repo-report", "--path", "code", "--data", "data"], machine);
    expect(machine.rawOut()).toContain("\u001b[?25l");
    expect(machine.rawOut().lastIndexOf("\u001b[?25h")).toBeGreaterThan(machine.rawOut().lastIndexOf("\u001b[?25l"));
    expect(machine.rawOut()).not.toContain("\u001b[2J");
  });

  it("on Ctrl-C cancels, waits for the end and leaves with 130", async () => {
    const cancelled = planView([taskView("scan", { status: "cancelled" })], { status: "cancelled", seq: 5 });
    const { machine, node } = await open({
      onFollow: () => machine.interrupt(),
      onCancel(told) {
        told.show(cancelled);
        told.emit(frameOf({ event: "plan.finished", planStatus: "cancelled", fields: { status: "cancelled" } }, 2));
      },
    });
    await using _ = node;
    expect(await runKai(["run", "repo-report", "--path", "code", "--data", "data"], machine)).toBe(130);
    expect(node.cancels).toEqual([PLAN_ID]);
    expect(machine.out()).toContain("cancelled");
  });

  it("on a second Ctrl-C leaves at once and says how to look again", async () => {
    const { machine, node } = await open({ onFollow: () => machine.interrupt(), onCancel: () => machine.interrupt() });
    await using _ = node;
    expect(await runKai(["run", "repo-report", "--path", "code", "--data", "data"], machine)).toBe(130);
    expect(machine.err()).toContain("The node goes on by itself");
  });

  it("with nobody to ask says how to approve and ends with 3", async () => {
    const approval = {
      approval_id: "019a8c3e-7b1a-7000-8000-00000000beef",
      plan_id: PLAN_ID,
      kind: "plan" as const,
      status: "open" as const,
      digest: HASH,
      title: "Start this plan",
      reason: "you asked for it",
      requested_at: "2026-11-22T12:00:00Z",
    };
    const view = planView([taskView("scan")], { status: "waiting_approval", approvals: [approval] });
    const { machine, node } = await open({ view, onFollow: () => undefined });
    await using _ = node;
    expect(await runKai(["run", "repo-report", "--path", "code", "--approval", "--data", "data"], machine)).toBe(3);
    expect(machine.out()).toContain("kai --data data approve 0000beef");
    expect(node.decisions).toEqual([]);
  });

  it("at a terminal shows the digest, asks, and decides exactly that digest", async () => {
    const approval = {
      approval_id: "019a8c3e-7b1a-7000-8000-00000000beef",
      plan_id: PLAN_ID,
      kind: "call" as const,
      task_id: "scan",
      status: "open" as const,
      digest: HASH,
      title: "Send the mail",
      reason: "untrusted content decides the recipient",
      subject: { to: "a@example.org\u001b[2J" },
      requested_at: "2026-11-22T12:00:00Z",
    };
    const view = planView([taskView("scan")], { status: "waiting_approval", approvals: [approval] });
    const { machine, node } = await open({ view, isTty: true, answers: ["y"], onFollow: () => undefined, onDecide: tellRun });
    await using _ = node;
    expect(await runKai(["run", "repo-report", "--path", "code", "--yes", "--data", "data"], machine)).toBe(0);
    expect(machine.out()).toContain(HASH);
    expect(machine.out()).toContain("a@example.org\\u001b[2J");
    expect(node.decisions).toEqual([{ approvalId: approval.approval_id, digest: HASH, decision: "approve" }]);
  });

  it("says what is wrong with the parameters before anything is sent", async () => {
    const { machine, node } = await open();
    await using _ = node;
    const failing = async (...args: string[]) => [await runKai(["run", ...args, "--data", "data"], machine), machine.err()] as const;
    const [code, err] = await failing("repo-report", "--pth", "code");
    expect(code).toBe(2);
    expect(err).toContain("Did you mean --path?");
    expect((await failing("repo-report", "--path", "nowhere"))[1]).toContain("there is no such file or folder");
    expect((await failing("repo-report", "--path", "code", "--top", "many"))[1]).toContain("--top takes a whole number");
    expect((await failing("repo-report"))[1]).toContain("needs --path");
    expect((await failing("repo-reprt", "--path", "code"))[1]).toContain("Did you mean repo-report?");
    expect(node.submissions).toEqual([]);
  });

  it("names the line of the plan file that the node refuses", async () => {
    const findings = [
      {
        code: "UNKNOWN_CAPABILITY",
        severity: "error",
        path: "$.tasks[0].capability",
        message: "nobody offers fs.scna.",
        hint: "Did you mean fs.scan?",
      },
    ];
    const { machine, node } = await open({
      refusal: new KosError("UNKNOWN_CAPABILITY", "The plan cannot run.", { details: { findings } }),
    });
    await using _ = node;
    await writeFile(join(machine.cwd, "plan.yaml"), "goal: x\ntasks:\n  - task_id: a\n    capability: fs.scna\n");
    expect(await runKai(["run", "plan.yaml", "--data", "data"], machine)).toBe(1);
    expect(machine.err()).toContain("at plan.yaml:4:5 $.tasks[0].capability: nobody offers fs.scna.");
    expect(machine.err()).toContain("hint: Did you mean fs.scan?");
  });

  it("gives the wire error with --json", async () => {
    const { machine, node } = await open({ refusal: new KosError("BUDGET_EXCEEDED", "The budget is too small.") });
    await using _ = node;
    expect(await runKai(["run", "repo-report", "--path", "code", "--json", "--data", "data"], machine)).toBe(1);
    expect(machine.jsonLines()).toMatchObject([
      { event: "error", error: { code: "BUDGET_EXCEEDED", message: "The budget is too small.", retryable: false } },
    ]);
  });
});

describe("a node that dies on the way", () => {
  it("is started again, and the run goes on to its end", async () => {
    const nodeProgram = fileURLToPath(new URL("./testing/node-program.ts", import.meta.url));
    let isGone = false;
    const base = await createTestMachine({ nodeProgram });
    const machine = { ...base, isAlive: (pid: number) => (pid === process.pid ? !isGone : base.isAlive(pid)) };
    const dataFolder = join(machine.cwd, "data");
    await mkdir(join(machine.cwd, "code"));
    await using _ = await startFakeNode({
      dataFolder,
      view: WAITING_VIEW,
      onFollow(node) {
        isGone = true;
        void node[Symbol.asyncDispose]();
      },
    });
    try {
      expect(await runKai(["run", "repo-report", "--path", "code", "--data", "data"], machine)).toBe(0);
      expect(machine.out()).toContain("the node ended; starting it again");
    } finally {
      const { pid } = JSON.parse(await readFile(join(dataFolder, "node.json"), "utf8")) as { readonly pid: number };
      if (pid !== process.pid) process.kill(pid, "SIGTERM");
    }
  });
});

describe("kai show and ps", () => {
  it("lists plans and shows one by the end of its id", async () => {
    const { machine, node } = await open({ view: DONE_VIEW });
    await using _ = node;
    expect(await runKai(["ps", "--data", "data"], machine)).toBe(0);
    expect(machine.out()).toContain("a1b2c3d4");
    expect(await runKai(["show", "a1b2c3d4", "--data", "data"], machine)).toBe(0);
    expect(machine.out()).toContain(HASH);
    expect(await runKai(["show", "ffffffff", "--data", "data"], machine)).toBe(1);
    expect(machine.err()).toContain("error NOT_FOUND");
  });

  it("writes evidence byte by byte", async () => {
    const { machine, node } = await open({ view: DONE_VIEW, evidence: new TextEncoder().encode('{"a":"é"}') });
    await using _ = node;
    await runKai(["show", "last", "--evidence", "--data", "data"], machine);
    expect(machine.rawOut()).toBe('{"a":"é"}');
  });
});
