// The capability fs.read: the content of one file, or its beginning.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { spellPath } from "../paths/byte-path.ts";
import { resolveGrantedPath } from "../paths/granted-path.ts";
import { isRefusal, openRegularFile } from "../paths/guarded-open.ts";
import { badParam } from "../task-error.ts";
import { ContentProperties, EncodingParam, readContent } from "../text/content.ts";

const DEFAULT_MAX_BYTES = 262_144;
const MOST_BYTES = 8_388_608;

const Input = Type.Object(
  {
    path: Type.String({
      title: "File",
      description: "The file to read. It must lie under a granted folder.",
      minLength: 1,
      maxLength: 4096,
      "x-kos-type": "fs.path",
      "x-kos-sink": "control",
    }),
    max_bytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_BYTES,
        default: DEFAULT_MAX_BYTES,
        title: "Most bytes",
        description: "Of a larger file only the beginning is given.",
      }),
    ),
    encoding: EncodingParam,
  },
  { additionalProperties: false, title: "fs.read input" },
);

const Output = Type.Object(
  {
    path: Type.String({ title: "File", description: "As an absolute path without symlinks.", "x-kos-type": "fs.path" }),
    bytes: Type.Integer({ minimum: 0, title: "Size", description: "Size of the whole file in bytes." }),
    truncated: Type.Boolean({ title: "Truncated", description: "Whether only the beginning is given." }),
    ...ContentProperties,
  },
  { title: "fs.read output", "x-kos-type": "fs.content" },
);

export const fsRead = defineCapability({
  name: "fs.read",
  title: "Read a file",
  description:
    "Reads a file as text, or as base64 if it is binary. " +
    "Errors: FORBIDDEN outside the granted folders, NOT_FOUND, BAD_REQUEST when it is no regular file or not in the encoding asked for.",
  input: Input,
  output: Output,
  effects: ["fs.read"],
  output_labels: ["untrusted", "confidential"],
  async run(params, context) {
    const { path } = resolveGrantedPath(params.path, context.fsRoots, "/path");
    const file = await openRegularFile(path);
    if (isRefusal(file)) {
      throw badParam(
        "/path",
        `${JSON.stringify(params.path)} cannot be read (${file.refused}).`,
        "Give a regular file that the user the node runs as may read.",
      );
    }
    try {
      const limit = params.max_bytes ?? DEFAULT_MAX_BYTES;
      const buffer = Buffer.alloc(Math.min(limit, file.stats.size));
      const { bytesRead } = await file.handle.read(buffer, 0, buffer.length, 0);
      const truncated = bytesRead < file.stats.size;
      return {
        path: spellPath(path).path,
        bytes: file.stats.size,
        truncated,
        ...readContent(buffer.subarray(0, bytesRead), params.encoding ?? "auto", truncated),
      };
    } finally {
      await file.handle.close();
    }
  },
});
