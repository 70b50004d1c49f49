import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fitsSchema } from "@kos/plan";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { folderPlaybooks } from "./folder-playbooks.ts";
import { CATALOGUE, HEAD } from "./planner.fixture.ts";
import { createPlannerAgent } from "./planner-agent.ts";
import { createPlaybookLibrary } from "./playbook-library.ts";

const SOUND = `${HEAD}docs: "# More"
params: {path: {type: path, required: true, description: Where.}, n: {type: list, items: integer, maxItems: 3, description: Numbers.}}
tasks: [{task_id: a, capability: test.echo, params: {x: "\${params.path}"}}]
report: {outputs: [page]}
`;

describe("playbooks in folders", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kos-playbooks-"));
    await mkdir(join(folder, "shipped"));
    await mkdir(join(folder, "own"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  function library() {
    const folders = [
      { path: join(folder, "own"), origin: "own" as const },
      { path: join(folder, "shipped"), origin: "shipped" as const },
      { path: join(folder, "missing"), origin: "own" as const },
    ];
    return createPlaybookLibrary(folderPlaybooks(folders));
  }

  it("[K8] are listed with what a person needs to choose", async () => {
    await writeFile(join(folder, "shipped", "demo.yaml"), SOUND);
    await writeFile(join(folder, "shipped", "Not a playbook.yaml"), "x");
    await writeFile(join(folder, "shipped", "notes.md"), "x");
    const [summary, ...others] = await library().list();
    expect(others).toEqual([]);
    expect(summary).toMatchObject({
      name: "demo",
      origin: "shipped",
      replaces_shipped: false,
      title: "Demo",
      version: "1.0.0",
      docs: "# More",
      tasks: 1,
      shows: ["page"],
      findings: [],
    });
    expect(summary?.params).toMatchObject({
      required: ["path"],
      properties: { path: { type: "string", "x-kos-type": "fs.path" }, n: { type: "array", items: { type: "integer" }, maxItems: 3 } },
    });
  });

  it("[K8] that are broken are listed with their faults and do not hide the others", async () => {
    await writeFile(join(folder, "shipped", "demo.yaml"), SOUND);
    await writeFile(join(folder, "own", "broken.yaml"), "playbook: [");
    const summaries = await library().list();
    expect(summaries.map((summary) => [summary.name, summary.findings.length > 0])).toEqual([
      ["broken", true],
      ["demo", false],
    ]);
    expect(summaries[0]?.findings[0]?.source).toBe(`${join(folder, "own", "broken.yaml")}:1:12`);
  });

  it("[K8] of the person's own come first, and a change counts at once", async () => {
    await writeFile(join(folder, "shipped", "demo.yaml"), SOUND);
    const playbooks = library();
    expect((await playbooks.get("demo")).replacesShipped).toBe(false);
    await writeFile(join(folder, "own", "demo.yaml"), SOUND.replace("1.0.0", "2.0.0"));
    const own = await playbooks.get("demo");
    expect([own.playbook.version, own.replacesShipped, own.origin]).toEqual(["2.0.0", true, "own"]);
    expect(await playbooks.describe("demo")).toMatchObject({ version: "2.0.0", replaces_shipped: true });
  });

  it("[K8] [R92] are looked up by name only", async () => {
    await writeFile(join(folder, "secret.yaml"), SOUND);
    for (const name of ["../secret", "/etc/passwd", "demo/../../secret", "demo\0", "", "DEMO", "..", "a".repeat(500)]) {
      expect(await library().describe(name)).toBeUndefined();
      await expect(library().get(name)).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
  });

  it("[K8] that are too large are not read", async () => {
    await writeFile(join(folder, "own", "demo.yaml"), `# ${"x".repeat(2 ** 20)}`);
    await expect(library().get("demo")).rejects.toMatchObject({ code: "TOO_LARGE" });
  });

  it("[K1] reach plan.make of kPlanner:main, whose answer fits its schema", async () => {
    await writeFile(join(folder, "shipped", "demo.yaml"), SOUND);
    const agent = createPlannerAgent({ playbooks: library(), catalogue: CATALOGUE });
    const capability = agent.capabilities.get("plan.make");
    expect(agent.id).toBe("kPlanner:main");
    expect(capability?.description).toMatchObject({ placement: "inline", effects: [] });
    const input = { playbook: "demo", params: { path: "/x" } };
    expect(fitsSchema(capability?.description.input as object, input)).toBe(true);
    expect(fitsSchema(capability?.description.input as object, { playbok: "demo" })).toBe(false);
    const made = await capability?.run(input, {} as never);
    expect(fitsSchema(capability?.description.output as object, made)).toBe(true);
  });
});
