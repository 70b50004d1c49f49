import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { CapabilityCatalogue } from "@kos/plan";
import { describe, expect, it } from "vitest";
import { folderPlaybooks } from "./folder-playbooks.ts";
import { makePlan } from "./make-plan.ts";
import { CATALOGUE, memoryPlaybooks, playbookFile } from "./planner.fixture.ts";
import { PlaybookSchema } from "./playbook.ts";
import type { PlaybookLibrary } from "./playbook-library.ts";
import { createPlaybookLibrary } from "./playbook-library.ts";

const folder = new URL("../../../../playbooks/", import.meta.url);

/** Knows every capability, and nothing of any: the agents that offer them are not this package's affair. */
const anything: CapabilityCatalogue = {
  get: (name) => {
    const open = CATALOGUE.get("test.echo");
    return open === undefined ? undefined : { ...open, name };
  },
  keys: () => [],
};

/** A value for each required parameter. */
function sampleParams(params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { required, properties } = params as {
    required: readonly string[];
    properties: Readonly<Record<string, { readonly type: string }>>;
  };
  return Object.fromEntries(required.map((name) => [name, properties[name]?.type === "string" ? "/sample" : 1]));
}

async function planAll(library: PlaybookLibrary) {
  const summaries = await library.list();
  return Promise.all(
    summaries.map(async (summary) => {
      expect(summary.findings).toEqual([]);
      return makePlan({ playbook: summary.name, params: sampleParams(summary.params) }, { library, catalogue: anything });
    }),
  );
}

describe("the playbooks folder", () => {
  it("holds the schema that playbooks are checked against, for editors", async () => {
    const shipped: unknown = JSON.parse(await readFile(new URL("playbook.schema.json", folder), "utf8"));
    expect(shipped).toEqual(JSON.parse(JSON.stringify(PlaybookSchema)));
  });

  it("holds playbooks that make sound plans, every task in plain words", async () => {
    const library = createPlaybookLibrary(folderPlaybooks([{ path: fileURLToPath(folder), origin: "shipped" }]));
    const plans = await planAll(library);
    expect(plans.map((made) => made.graph.playbook?.name)).toContain("repo-report");
    for (const { graph, findings } of plans) {
      expect(findings).toEqual([]);
      for (const task of graph.tasks) expect(task.title).toMatch(/^[A-Z].* .*/);
    }
  });

  it("explains itself with an example that works", async () => {
    const readme = await readFile(new URL("README.md", folder), "utf8");
    const example = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    const [made] = await planAll(createPlaybookLibrary(memoryPlaybooks([playbookFile(example, { name: "count-files" })])));
    expect(made?.graph.tasks[0]?.params).toEqual({ path: "/sample", max_files: 100_000 });
  });
});
