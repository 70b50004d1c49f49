// The capability artifact.get: the content of an artifact as a value of the plan.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { ContentProperties, EncodingParam, readContent } from "../text/content.ts";
import { HashSchema } from "./artifact-schema.ts";

const DEFAULT_MAX_BYTES = 1_048_576;
const MOST_BYTES = 8_388_608;

const Input = Type.Object(
  {
    hash: HashSchema,
    max_bytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_BYTES,
        default: DEFAULT_MAX_BYTES,
        title: "Most bytes",
        description: "A larger artifact is an error.",
      }),
    ),
    encoding: EncodingParam,
  },
  { additionalProperties: false, title: "artifact.get input" },
);

const Output = Type.Object(
  { bytes: Type.Integer({ minimum: 0, title: "Size", description: "Size in bytes." }), ...ContentProperties },
  { title: "artifact.get output", "x-kos-type": "artifact.content" },
);

export const artifactGet = defineCapability({
  name: "artifact.get",
  title: "Read an artifact",
  description: "Reads an artifact by its hash, as text or, if it is binary, as base64. Errors: NOT_FOUND, TOO_LARGE above max_bytes.",
  input: Input,
  output: Output,
  output_labels: ["untrusted", "confidential"],
  async run(params, context) {
    const bytes = await context.artifacts.get(params.hash, { maxBytes: params.max_bytes ?? DEFAULT_MAX_BYTES });
    return { bytes: bytes.length, ...readContent(Buffer.from(bytes), params.encoding ?? "auto", false) };
  },
});
