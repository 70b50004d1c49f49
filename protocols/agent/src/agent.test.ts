import { isKosError } from "@kos/klp";
import Type from "typebox";
import { describe, expect, it } from "vitest";
import { defineAgent, draftManifest } from "./agent.ts";
import { defineCapability } from "./capability.ts";

const echo = defineCapability({
  name: "flow.echo",
  title: "Echo",
  description: "Gives back what it got.",
  input: Type.Object({ text: Type.String() }),
  output: Type.Object({ text: Type.String() }),
  async run({ text }) {
    return { text };
  },
});
const write = { ...echo, description: { ...echo.description, name: "web.post", effects: ["net.write"] as const } };
const basics = { class: "kExecutor", name: "test", version: "1.0.0", description: "For tests." } as const;

describe("an agent's definition", () => {
  it("derives the manifest from the code: permissions are the union of the effects", () => {
    const manifest = draftManifest(defineAgent({ ...basics, capabilities: [echo, write] }));
    expect(manifest.permissions).toEqual(["net.write"]);
    expect(manifest.capabilities.map(({ name }) => name)).toEqual(["flow.echo", "web.post"]);
  });

  it("takes a capability with a writing effect for not idempotent unless its author says otherwise", () => {
    const basis = { name: "a.b", title: "", description: "", input: Type.Object({}), output: Type.Object({}), run: async () => ({}) };
    expect(defineCapability({ ...basis, effects: ["net.write"] }).description.idempotent).toBe(false);
    expect(defineCapability({ ...basis, effects: ["net.write"], idempotent: true }).description.idempotent).toBe(true);
    expect(defineCapability({ ...basis, effects: ["net.read"] }).description.idempotent).toBe(true);
  });

  it.each([
    ["a name with a space", () => defineAgent({ ...basics, name: "my agent", capabilities: [] })],
    ["a capability twice", () => defineAgent({ ...basics, capabilities: [echo, echo] })],
    [
      "a capability without a dot in its name",
      () => defineAgent({ ...basics, capabilities: [{ ...echo, description: { ...echo.description, name: "echo" } }] }),
    ],
    [
      "a schema that is none",
      () =>
        defineAgent({
          ...basics,
          capabilities: [{ ...echo, description: { ...echo.description, input: 7 } }],
        }),
    ],
  ])("refuses %s", (_what, define) => {
    expect(define).toThrowError(expect.toSatisfy((error: unknown) => isKosError(error, "BAD_REQUEST")));
  });
});
