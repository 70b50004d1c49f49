import { draftManifest } from "@kos/agent";
import type { TSchema } from "typebox";
import { describe, expect, test } from "vitest";
import { createExecutorAgent } from "./executor-agent.ts";

const agent = createExecutorAgent({ git: { command: "git", searchPath: "" } });

interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly [keyword: string]: unknown;
}

function propertiesOf(schema: TSchema): Readonly<Record<string, SchemaNode>> {
  return (JSON.parse(JSON.stringify(schema)) as SchemaNode).properties ?? {};
}

describe("createExecutorAgent", () => {
  test("offers what the playbook needs, in child processes, all of it safe to run again", () => {
    const manifest = draftManifest(agent);
    expect(agent.id).toBe("kExecutor:files");
    expect(manifest.capabilities.map(({ name }) => name).sort()).toEqual([
      "artifact.get",
      "artifact.put",
      "code.merge",
      "code.metrics",
      "digest.report",
      "doc.count",
      "doc.list",
      "doc.remaining",
      "fs.read",
      "fs.scan",
      "git.ls_files",
      "repo.report",
      "report.from_diff",
      "report.from_document",
      "report.from_keywords",
      "report.from_summary",
      "report.render",
    ]);
    expect(manifest.permissions).toEqual(["exec", "fs.read"]);
    for (const capability of manifest.capabilities)
      expect([capability.name, capability.placement, capability.idempotent]).toEqual([capability.name, "worker", true]);
  });

  test("every path is a control sink, and every property says what it is", () => {
    for (const { name, input, output } of draftManifest(agent).capabilities) {
      for (const [property, schema] of Object.entries(propertiesOf(input))) {
        if (property === "path") expect([name, schema["x-kos-sink"], schema["x-kos-type"]]).toEqual([name, "control", "fs.path"]);
      }
      const unnamed = Object.entries({ ...propertiesOf(input), ...propertiesOf(output) }).filter(
        ([, schema]) => schema.title === undefined,
      );
      expect([name, unnamed.map(([property]) => property)]).toEqual([name, []]);
    }
  });

  test("what comes from files is marked as such", () => {
    const labels = Object.fromEntries(draftManifest(agent).capabilities.map(({ name, output_labels }) => [name, output_labels]));
    for (const name of ["fs.scan", "fs.read", "code.metrics", "doc.list", "artifact.get"])
      expect(labels[name]).toEqual(["untrusted", "confidential"]);
  });
});
