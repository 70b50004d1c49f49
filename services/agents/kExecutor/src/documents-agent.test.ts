import { draftManifest } from "@kos/agent";
import type { TSchema } from "typebox";
import { describe, expect, test } from "vitest";
import { createDocumentsAgent } from "./documents-agent.ts";

const manifest = draftManifest(createDocumentsAgent());
const OURS = ["archive.extract", "archive.list", "doc.extract", "image.info"];

interface SchemaNode {
  readonly title?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly [keyword: string]: unknown;
}

function nodeOf(schema: TSchema): SchemaNode {
  return JSON.parse(JSON.stringify(schema)) as SchemaNode;
}

function untitled(schema: SchemaNode, path: string): readonly string[] {
  const children = Object.entries({ ...schema.properties, ...(schema.items?.properties === undefined ? {} : { "[]": schema.items }) });
  return children.flatMap(([name, child]) => [
    ...(child.title === undefined && name !== "[]" ? [`${path}/${name}`] : []),
    ...untitled(child, `${path}/${name}`),
  ]);
}

describe("createDocumentsAgent", () => {
  test("offers what reads what others made, in child processes, all of it safe to run again, with no right but to read files", () => {
    const capabilities = manifest.capabilities.filter(({ name }) => OURS.includes(name));
    expect(capabilities.map(({ name }) => name).sort()).toEqual(OURS);
    for (const { name, placement, idempotent, effects, output_labels } of capabilities) {
      expect([name, placement, idempotent, effects, output_labels]).toEqual([
        name,
        "worker",
        true,
        ["fs.read"],
        ["untrusted", "confidential"],
      ]);
    }
  });

  test("takes exactly one source, as control sinks, and every property says what it is", () => {
    for (const { name, input, output } of manifest.capabilities.filter((capability) => OURS.includes(capability.name))) {
      const { properties = {}, ...keywords } = nodeOf(input);
      expect([name, keywords["anyOf"], keywords["additionalProperties"]]).toEqual([
        name,
        [{ required: ["path"] }, { required: ["artifact"] }],
        false,
      ]);
      expect([properties["path"]?.["x-kos-type"], properties["path"]?.["x-kos-sink"]]).toEqual(["fs.path", "control"]);
      expect([properties["artifact"]?.["x-kos-type"], properties["artifact"]?.["x-kos-sink"]]).toEqual(["artifact.hash", "control"]);
      expect([name, untitled(nodeOf(input), ""), untitled(nodeOf(output), "")]).toEqual([name, [], []]);
    }
  });

  test("a document's Markdown, text and title can be found by their meaning", () => {
    const { output = {} } = manifest.capabilities.find(({ name }) => name === "doc.extract") ?? {};
    const schema = nodeOf(output);
    expect([schema["x-kos-type"], schema.properties?.["markdown"]?.["x-kos-type"], schema.properties?.["text"]?.["x-kos-type"]]).toEqual([
      "doc.text",
      "text.markdown",
      "text.plain",
    ]);
  });
});
