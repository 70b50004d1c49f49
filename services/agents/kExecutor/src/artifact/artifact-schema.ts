// How an artifact stands in the output of a capability.

import Type from "typebox";

export const HashSchema = Type.String({ pattern: "^sha256:[0-9a-f]{64}$", title: "Hash", "x-kos-type": "artifact.hash" });

export const ArtifactRefSchema = Type.Object(
  {
    name: Type.String({ title: "Name" }),
    media_type: Type.String({ title: "Media type" }),
    bytes: Type.Integer({ minimum: 0, title: "Size in bytes" }),
    hash: HashSchema,
  },
  { title: "Artifact", "x-kos-type": "artifact" },
);
