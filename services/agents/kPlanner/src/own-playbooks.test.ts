import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isKosError } from "@kos/klp";
import type { PlanGraph } from "@kos/plan";
import { checkPlan } from "@kos/plan";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkPlaybook } from "./check-playbook.ts";
import { folderPlaybooks } from "./folder-playbooks.ts";
import { createOwnPlaybooks, type OwnPlaybooks } from "./own-playbooks.ts";
import { playbookOfPlan } from "./plan-to-playbook.ts";
import { CATALOGUE, HEAD, plan, playbookFile } from "./planner.fixture.ts";
import { starterPlaybook } from "./starter-playbook.ts";

const SOUND = `${HEAD}params: {path: {type: path, required: true, description: Where.}}
tasks: [{task_id: a, capability: fs.scan, params: {path: "\${params.path}"}}]
output: {n: "\${a.files_total}"}
`;

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    (error: unknown) => (isKosError(error) ? error.code : String(error)),
  );
}

describe("a person's own playbooks", () => {
  let folder = "";
  let own: OwnPlaybooks;
  const at = (...parts: readonly string[]) => join(folder, "own", ...parts);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kos-own-playbooks-"));
    await mkdir(join(folder, "shipped"));
    const source = folderPlaybooks([
      { path: at(), origin: "own" },
      { path: join(folder, "shipped"), origin: "shipped" },
    ]);
    own = createOwnPlaybooks({ folder: at(), source, catalogue: CATALOGUE });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("[K18] are saved as they are, for their owner alone", async () => {
    const saved = await own.save("demo", SOUND);
    expect(saved).toEqual({ name: "demo", file: at("demo.yaml"), hash: saved.hash, replaces_shipped: false, findings: [] });
    expect(saved.hash).toMatch(/^sha256:/);
    expect(await readFile(at("demo.yaml"), "utf8")).toBe(SOUND);
    expect((await stat(at("demo.yaml"))).mode & 0o777).toBe(0o600);
    expect(await readdir(at())).toEqual(["demo.yaml"]);
  });

  it("[K18] are never overwritten unasked, not even by two at once", async () => {
    await own.save("demo", SOUND);
    expect(await codeOf(own.save("demo", SOUND.replace("Demo", "Other")))).toBe("CONFLICT");
    expect(await readFile(at("demo.yaml"), "utf8")).toBe(SOUND);
    const text = (title: string) => SOUND.replaceAll("demo", "race").replace("Demo", title);
    const codes = await Promise.all(["A", "B", "C"].map((title) => codeOf(own.save("race", text(title)))));
    expect(codes.toSorted()).toEqual(["CONFLICT", "CONFLICT", "none"]);
    expect((await readdir(at())).toSorted()).toEqual(["demo.yaml", "race.yaml"]);
  });

  it("[K18] are kept when others take their place, and when they are put away", async () => {
    await own.save("demo", SOUND);
    const changed = SOUND.replace("Demo", "Other");
    const { kept } = await own.save("demo", changed, { replace: true });
    expect(await readFile(kept ?? "", "utf8")).toBe(SOUND);
    expect(await readFile(at("demo.yaml"), "utf8")).toBe(changed);
    const removed = await own.remove("demo");
    expect(await readFile(removed.kept, "utf8")).toBe(changed);
    expect(await codeOf(own.check("demo"))).toBe("NOT_FOUND");
    expect(await codeOf(own.remove("demo"))).toBe("NOT_FOUND");
  });

  it("[K18] with a shipped one's name stand in for it, which cannot be put away", async () => {
    await writeFile(join(folder, "shipped", "demo.yaml"), SOUND);
    expect(await codeOf(own.remove("demo"))).toBe("FORBIDDEN");
    expect(await own.save("demo", SOUND)).toMatchObject({ replaces_shipped: true });
    expect(await readFile(join(folder, "shipped", "demo.yaml"), "utf8")).toBe(SOUND);
    await own.remove("demo");
    expect((await own.check("demo")).file).toBe(join(folder, "shipped", "demo.yaml"));
  });

  it("[K18] that are broken are not saved", async () => {
    for (const text of ["playbook: [", SOUND.replace("fs.scan", "fs.scna"), SOUND.replace("name: demo", "name: other"), ""]) {
      await expect(own.save("demo", text)).rejects.toMatchObject({
        details: { findings: [{ source: expect.stringMatching(/^demo\.yaml:\d+:\d+$/) }] },
      });
    }
    await expect(readdir(at())).rejects.toThrow("ENOENT");
  });

  it("[R92] [K18] have names that never leave their folder", async () => {
    const names = [
      "../demo",
      "/etc/passwd",
      "a/b",
      "a\\b",
      "demo.yaml",
      ".",
      "..",
      "",
      "DEMO",
      "a\0",
      "a".repeat(65),
      ".kept/x",
      "%2e%2e",
      "ａ",
    ];
    for (const name of names) {
      expect([name, await codeOf(own.save(name, SOUND))]).toEqual([name, "BAD_REQUEST"]);
      expect([name, await codeOf(own.remove(name))]).toEqual([name, "BAD_REQUEST"]);
      expect([name, await codeOf(own.check(name))]).toEqual([name, "NOT_FOUND"]);
    }
    expect((await readdir(folder)).toSorted()).toEqual(["shipped"]);
  });

  it("[R92] [K18] never write through a link that somebody left in the folder", async () => {
    await mkdir(at());
    await writeFile(join(folder, "outside"), "mine");
    await symlink(join(folder, "outside"), at("demo.yaml"));
    expect(await codeOf(own.save("demo", SOUND))).toBe("CONFLICT");
    await own.save("demo", SOUND, { replace: true });
    expect(await readFile(join(folder, "outside"), "utf8")).toBe("mine");
    expect(await readFile(at("demo.yaml"), "utf8")).toBe(SOUND);
    await symlink(join(folder, "nowhere"), at("loose.yaml"));
    expect(await codeOf(own.save("loose", SOUND.replaceAll("demo", "loose")))).toBe("CONFLICT");
    await expect(stat(join(folder, "nowhere"))).rejects.toThrow("ENOENT");
  });
});

describe("a playbook that is checked", () => {
  const findings = (text: string) => checkPlaybook(playbookFile(text), CATALOGUE).findings;

  it("[K19] has nothing against it when it is sound, whatever its parameters will be", () => {
    const text = `${HEAD}params:
  path: {type: path, required: true, description: Where.}
  top: {type: integer, minimum: 5, description: How many.}
  deep: {type: object, description: More.}
tasks:
  - {task_id: scan, title: "Scan \${params.path}", capability: fs.scan, params: {path: "\${params.path}", max_files: "\${params.top}"}}
  - {task_id: each, capability: test.echo, for_each: "\${params.deep.list}", params: {x: "\${item} of \${params.top}"}, when: "scan.files_total > \${params.top}"}
output: {n: "\${scan.files_total}", top: "\${params.top}"}
report: {outputs: [n]}
`;
    expect(findings(text)).toEqual([]);
  });

  it.each([
    [
      "a parameter of the wrong type for its place",
      "{path: {type: integer, required: true, description: d}}",
      "path: '${params.path}'",
      "TYPE_MISMATCH",
      /10:/,
    ],
    [
      "a parameter that is not declared",
      "{path: {type: path, required: true, description: d}}",
      "path: '${params.pth}'",
      "BAD_REFERENCE",
      /10:/,
    ],
    [
      "a name of a capability's param that is wrong",
      "{path: {type: path, required: true, description: d}}",
      "pth: '${params.path}'",
      "BAD_PARAM",
      /10:/,
    ],
  ])("[K19] names %s, with its place", (_, params, given, code, place) => {
    const text = `${HEAD}params: ${params}\ntasks:\n  - task_id: a\n    capability: fs.scan\n    params: {${given}}\n`;
    expect(findings(text)).toContainEqual(expect.objectContaining({ code, source: expect.stringMatching(place) }));
    expect(JSON.stringify(findings(text))).not.toContain("kos_params");
  });

  it("[K19] is told what it shows but does not have", () => {
    expect(findings(`${SOUND}report: {outputs: [page]}\n`)).toMatchObject([{ severity: "warning", path: "$.report.outputs[0]" }]);
  });

  it("[K20] is the one that every new playbook begins with", () => {
    const catalogue = new Map([
      ...CATALOGUE,
      ["artifact.put", { ...(CATALOGUE.get("test.echo") as never as object), name: "artifact.put", output: {} } as never],
    ]);
    const file = playbookFile(starterPlaybook("weekly-report"), { name: "weekly-report", file: "weekly-report.yaml" });
    expect(checkPlaybook(file, catalogue).findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(() => starterPlaybook("../x")).toThrow(/no name of a playbook/);
    expect(starterPlaybook("x", 'A "title": with #')).toContain('title: "A \\"title\\": with #"');
  });
});

describe("a plan that is saved as a playbook", () => {
  const PLAN: PlanGraph = {
    goal: "Look at ${this}",
    strategy: "explicit",
    tasks: [
      { task_id: "scan", title: "Scan ${it}", capability: "fs.scan", params: { path: "/x/$${y}", max_files: 5 }, depends_on: [] },
      {
        task_id: "again",
        title: "Again",
        capability: "fs.scan",
        params: { path: "/x/$${y}", max_files: 7 },
        depends_on: ["scan"],
        when: "scan.files_total > 1",
      },
      {
        task_id: "tell",
        title: "Tell",
        capability: "test.echo",
        params: { text: "${scan.files_total} files", tags: ["a", "b"], nested: { a: 1 }, yes: true, ratio: 0.5, nothing: null },
        depends_on: [],
        review: { criteria: [{ kind: "assert", expression: 'output.text != "${x}"', message: "no ${x}" }] },
      },
    ],
    output: { total: "${scan.files_total}" },
    criteria: [{ kind: "assert", expression: "output.total > 0" }],
    budget: { calls: 5 },
  };

  it("[K21] makes the same plan again, with what was written into it as parameters", async () => {
    const text = playbookOfPlan(PLAN, CATALOGUE, { name: "demo", planId: "p-1" });
    const made = await plan({ playbook: "demo" }, [playbookFile(text)]);
    const { playbook, ...graph } = made.graph;
    expect(graph).toEqual({ ...PLAN, strategy: "playbook" });
    expect(playbook?.params).toEqual({
      path: "/x/${y}",
      max_files: 5,
      again_max_files: 7,
      tags: ["a", "b"],
      yes: true,
      ratio: 0.5,
    });
    expect(text.startsWith("# Made from plan p-1.")).toBe(true);
    expect(checkPlaybook(playbookFile(text), CATALOGUE).findings).toEqual([]);
  });

  it("[K21] takes other values then", async () => {
    const file = playbookFile(playbookOfPlan(PLAN, CATALOGUE, { name: "demo", planId: "p-1" }));
    const { graph } = await plan({ playbook: "demo", params: { path: "/other", again_max_files: 9 } }, [file]);
    expect(graph.tasks.map((task) => task.params["path"])).toEqual(["/other", "/other", undefined]);
    expect(graph.tasks[1]?.params["max_files"]).toBe(9);
    expect(checkPlan(graph, CATALOGUE).findings).toEqual([]);
  });

  it("[K21] is refused under a name that is none", () => {
    expect(() => playbookOfPlan(PLAN, CATALOGUE, { name: "../x", planId: "p" })).toThrow(/no name of a playbook/);
  });
});
