import { describe, expect, it } from "vitest";
import { CATALOGUE, graph, task } from "./catalogue.fixture.ts";
import { checkPlan } from "./check-plan.ts";
import { flowConcerns } from "./label-flow.ts";
import type { PlanGraph, Task } from "./plan.ts";

const scan = task("scan", "fs.scan", { path: "/tmp" });
const secret = task("secret", "vault.get");

function flow(tasks: readonly Task[], fields: Partial<PlanGraph> = {}, policy?: "deny") {
  const options = policy === undefined ? {} : { policy: { untrusted_control: policy, confidential_egress: policy } };
  const { findings, approvals } = checkPlan(graph(tasks, fields), CATALOGUE, options);
  return { codes: findings.map((finding) => finding.code), approvals, findings };
}

describe("label flow", () => {
  it("[P70] asks for approval where untrusted text steers a program or a write", () => {
    const { codes, approvals } = flow([scan, task("run", "sys.exec", { argv: ["cat", "${scan.root}"] })]);
    expect(codes).toEqual(["APPROVAL_REQUIRED"]);
    expect(approvals["run"]).toBe('untrusted content (${scan.root}) decides "argv[1]" of sys.exec, which can run programs');
  });

  it("[P70] names the place and does not stop the plan", () => {
    const { findings } = flow([scan, task("post", "http.request", { url: "https://x/${scan.root}", method: "POST" })]);
    expect(findings).toMatchObject([{ severity: "warning", path: "$.tasks[1].params.url", task_id: "post" }]);
  });

  it("[P70] sees control sinks around and inside what is inserted", () => {
    expect(flow([scan, task("a", "http.request", { url: "u", method: "POST", headers: { x: "${scan.root}" } })]).codes).toEqual([
      "APPROVAL_REQUIRED",
    ]);
    expect(flow([scan, task("a", "sys.exec", { argv: "${scan.files}" })]).codes).toContain("APPROVAL_REQUIRED");
  });

  it("[P71] lets untrusted text pass into content, and into a read", () => {
    expect(flow([scan, task("a", "http.request", { url: "https://x", method: "POST", body: "${scan.root}" })]).codes).toEqual([]);
    expect(flow([scan, task("a", "http.request", { url: "https://x/${scan.root}" })]).codes).toEqual([]);
    expect(flow([scan, task("a", "sys.exec", { argv: ["wc"], stdin: "${scan.root}" })]).codes).toEqual([]);
  });

  it("[P71] takes a call at its widest when a reference decides what it does", () => {
    const method = task("m", "test.echo");
    expect(flow([scan, method, task("a", "http.request", { url: "${scan.root}", method: "${m}" })]).codes).toEqual(["APPROVAL_REQUIRED"]);
  });

  it("[P72] asks before confidential values leave", () => {
    const { codes, approvals } = flow([secret, task("a", "http.request", { url: "https://x", body: "${secret.value}" })]);
    expect(codes).toEqual(["APPROVAL_REQUIRED"]);
    expect(approvals["a"]).toContain('confidential content (${secret.value}) would leave through "body" of http.request');
    expect(flow([secret, task("a", "test.echo", { x: "${secret.value}" })]).codes).toEqual([]);
  });

  it("[P73] follows labels through tasks, conditions, for_each, criteria and fallbacks", () => {
    const leak = (id: string) => task("leak", "http.request", { url: "https://x", body: `\${${id}}` });
    expect(flow([secret, task("mid", "test.echo", { x: "${secret}" }), leak("mid")]).codes).toEqual(["APPROVAL_REQUIRED"]);
    expect(flow([secret, task("mid", "test.echo", {}, { when: "secret.value == 'x'" }), leak("mid")]).codes).toEqual(["APPROVAL_REQUIRED"]);
    expect(flow([secret, task("mid", "test.echo", {}, { for_each: "${secret.value}" }), leak("mid")]).codes).toContain("APPROVAL_REQUIRED");
    const criteria = { criteria: [{ kind: "assert" as const, expression: "output == secret.value" }] };
    expect(flow([secret, task("mid", "test.echo", {}, { review: criteria }), leak("mid")]).codes).toEqual(["APPROVAL_REQUIRED"]);
    const fallback = {
      ...criteria,
      criteria: [{ kind: "schema" as const, schema: true }],
      fallback: { capability: "vault.get", params: {} },
    };
    expect(flow([task("mid", "test.echo", {}, { review: fallback }), leak("mid")]).codes).toEqual(["APPROVAL_REQUIRED"]);
    const each = task("each", "http.request", { url: "https://x", body: "${item}" }, { for_each: "${list}" });
    expect(flow([secret, task("list", "test.echo", { x: "${secret}" }), each]).codes).toEqual(["APPROVAL_REQUIRED"]);
  });

  it("[P77] lets checked numbers, booleans and closed sets pass as trusted, but not as public", () => {
    const number = (from: string) => task("run", "sys.exec", { argv: ["head", `-n\${${from}}`] });
    expect(flow([scan, number("scan.files_total")]).codes).toEqual([]);
    expect(flow([scan, number("scan.files[0].bytes")]).codes).toEqual([]);
    expect(flow([scan, number("scan.note")]).codes).toEqual(["APPROVAL_REQUIRED"]);
    expect(flow([scan, number("scan.files_total"), task("more", "sys.exec", { argv: ["${run}"] })]).codes).toEqual([]);
    const pin = { ...task("pin", "http.request", { url: "https://x", body: "${secret.value}" }) };
    expect(flow([secret, pin]).codes).toEqual(["APPROVAL_REQUIRED"]);
  });

  it("[P73] does not follow mere order", () => {
    expect(flow([secret, task("a", "http.request", { url: "https://x" }, { depends_on: ["secret"] })]).codes).toEqual([]);
  });

  it("[P74] counts what the plan's author wrote when the plan itself is labelled", () => {
    const run = task("run", "sys.exec", { argv: ["ls"] });
    expect(flow([run]).codes).toEqual([]);
    expect(flow([run], { labels: ["untrusted"] }).codes).toEqual(["APPROVAL_REQUIRED"]);
    const passedOn = flow([task("a", "test.echo"), task("run", "sys.exec", { argv: ["${a}"] })], { labels: ["untrusted"] });
    expect(passedOn.approvals["run"]).toContain("${a}");
    expect(flow([task("a", "http.request", { url: "https://x" })], { labels: ["confidential"] }).codes).toEqual(["APPROVAL_REQUIRED"]);
  });

  it("[P75] refuses where the policy says so", () => {
    const denied = flow([scan, task("run", "sys.exec", { argv: ["${scan.root}"] })], {}, "deny");
    expect(denied.findings).toMatchObject([{ code: "POLICY_DENIED", severity: "error" }]);
    expect(denied.approvals).toEqual({});
  });

  it("[P75] checks the fallback's call as well", () => {
    const review = {
      criteria: [{ kind: "schema" as const, schema: true }],
      fallback: { capability: "sys.exec", params: { argv: ["${scan.root}"] } },
    };
    const { findings } = flow([scan, task("a", "test.echo", {}, { review })]);
    expect(findings).toMatchObject([{ code: "APPROVAL_REQUIRED", path: "$.tasks[1].review.fallback.params.argv[0]" }]);
  });

  it("[P76] answers the same question at dispatch, with the labels then known", () => {
    const exec = CATALOGUE.get("sys.exec");
    if (exec === undefined) throw new Error("fixture");
    const question = { capability: exec, params: { argv: ["${a}", "${b}"] }, fixed: [] };
    expect(flowConcerns({ ...question, labelsOf: () => [] })).toEqual([]);
    expect(flowConcerns({ ...question, labelsOf: (name) => (name === "b" ? ["untrusted"] : []) })).toMatchObject([
      { rule: "untrusted_control", at: "$.argv[1]" },
    ]);
  });

  it("[P76] takes a capability at its widest when it cannot say what a call does", () => {
    const http = CATALOGUE.get("http.request");
    if (http === undefined) throw new Error("fixture");
    const broken = {
      ...http,
      effectsOf: () => {
        throw new Error("broken");
      },
    };
    const question = { capability: broken, params: { url: "${a}" }, fixed: [], labelsOf: () => ["untrusted"] as const };
    expect(flowConcerns(question)).toHaveLength(1);
    const fooled = { ...http, effectsOf: (params: Readonly<Record<string, unknown>>) => (params["method"] === "POST" ? http.effects : []) };
    const decided = { ...question, capability: fooled, params: { url: "${a}", method: "${b}" } };
    expect(flowConcerns(decided).map((concern) => concern.at)).toEqual(["$.url"]);
    expect(flowConcerns({ ...decided, params: { url: "${a}", method: "GET" } })).toEqual([]);
    expect(flowConcerns({ ...question, capability: { ...http, effectsOf: () => ["exec"] } })).toEqual([]);
  });
});
