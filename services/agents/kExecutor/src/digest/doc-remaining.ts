// The capability doc.remaining: which documents a first pass lost with its processes, one by one, so that a second pass loses only those at fault.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { type Chunk, ChunkSchema } from "../scan/file-list.ts";
import { badParam } from "../task-error.ts";

const Input = Type.Object(
  {
    chunks: Type.Array(ChunkSchema, { title: "Chunks", description: "All chunks of doc.list.", "x-kos-type": "doc.chunks" }),
    parts: Type.Array(Type.Union([Type.Object({ chunk: Type.Integer() }), Type.Null()]), {
      title: "Parts",
      description: "The outputs of doc.digest, one for each chunk; null for a chunk whose process ended or ran out of time.",
      "x-kos-type": "doc.digest_parts",
    }),
  },
  { additionalProperties: false, title: "doc.remaining input" },
);

const Output = Type.Object(
  {
    documents: Type.Integer({ minimum: 0, title: "Documents", description: "How many are left." }),
    chunks: Type.Array(ChunkSchema, { title: "Chunks", description: "One document each.", "x-kos-type": "doc.chunks" }),
  },
  { title: "doc.remaining output" },
);

export const docRemaining = defineCapability({
  name: "doc.remaining",
  title: "Find the documents that were lost",
  description:
    "Takes apart the chunks that doc.digest did not finish, so that their documents can be read one by one. Errors: BAD_REQUEST when chunks and parts do not fit.",
  input: Input,
  output: Output,
  async run({ chunks, parts }) {
    if (chunks.length !== parts.length)
      throw badParam(
        "/parts",
        `There are ${parts.length} parts for ${chunks.length} chunks.`,
        "Pass the list of doc.digest's outputs as it is.",
      );
    const lost = chunks.filter((_, position) => parts[position] === null);
    const singles = lost.flatMap((chunk) => Array.from({ length: chunk.to - chunk.from }, (_, place) => single(chunk, place)));
    return { documents: singles.length, chunks: singles.map((chunk, place) => ({ ...chunk, index: chunks.length + place })) };
  },
});

function single({ list, from, bytes, files, index }: Chunk, place: number): Chunk {
  return { index, list, from: from + place, to: from + place + 1, files: 1, bytes: files === 1 ? bytes : 0 };
}
