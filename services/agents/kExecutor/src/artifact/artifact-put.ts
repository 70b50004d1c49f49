// The capability artifact.put: writes one artifact from a value of the plan.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { badParam } from "../task-error.ts";
import { ArtifactRefSchema } from "./artifact-schema.ts";

const Input = Type.Object(
  {
    name: Type.String({
      title: "Name",
      description: "A file name, without folders.",
      minLength: 1,
      maxLength: 255,
      pattern: "^(?!\\.{1,2}$)[^/\\\\\\x00-\\x1f]+$",
    }),
    media_type: Type.String({ title: "Media type", pattern: "^[a-z0-9.+-]+/[a-z0-9.+*-]+(?:; ?charset=[A-Za-z0-9-]+)?$", maxLength: 200 }),
    text: Type.Optional(Type.String({ title: "Text", description: "The content as text; written as UTF-8.", "x-kos-sink": "content" })),
    json: Type.Optional(Type.Unknown({ title: "Value", description: "The content as a value; written as JSON.", "x-kos-sink": "content" })),
    base64: Type.Optional(
      Type.String({ title: "Bytes", description: "The content as base64.", contentEncoding: "base64", "x-kos-sink": "content" }),
    ),
  },
  { additionalProperties: false, title: "artifact.put input", description: "Exactly one of text, json and base64." },
);

const Output = Type.Object({ artifact: ArtifactRefSchema }, { title: "artifact.put output" });

export const artifactPut = defineCapability({
  name: "artifact.put",
  title: "Write an artifact",
  description:
    "Writes a text, a value as JSON or bytes to an artifact. Errors: BAD_REQUEST without exactly one content, STORAGE_FULL, TOO_LARGE.",
  input: Input,
  output: Output,
  async run(params, context) {
    const contents = [params.text, params.json, params.base64].filter((content) => content !== undefined);
    if (contents.length !== 1) throw badParam("", `There are ${contents.length} contents.`, "Give exactly one of text, json and base64.");
    const artifact = await context.artifacts.put({ name: params.name, media_type: params.media_type, content: contentOf(params) });
    return { artifact: { ...artifact } };
  },
});

function contentOf(params: Type.Static<typeof Input>): string | Buffer {
  if (params.text !== undefined) return params.text;
  if (params.base64 === undefined) return `${JSON.stringify(params.json, undefined, 2)}\n`;
  const bytes = Buffer.from(params.base64, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") === params.base64.replace(/=+$/, "")) return bytes;
  throw badParam("/base64", "The content is not base64.", "Use the standard alphabet of RFC 4648, without line breaks.");
}
