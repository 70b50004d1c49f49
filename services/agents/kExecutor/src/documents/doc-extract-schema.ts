// What doc.extract takes and gives.

import Type from "typebox";
import { ArtifactRefSchema } from "../artifact/artifact-schema.ts";
import { ONE_SOURCE, sourceOf } from "../source/source.ts";
import { WARNING_CODES } from "./document-content.ts";
import { DOCUMENT_EXTENSIONS, DOCUMENT_FORMATS } from "./document-format.ts";

export const DEFAULT_INLINE_CHARS = 100_000;
const MOST_INLINE_CHARS = 400_000;
export const MAX_LISTED = 500;
export const MAX_LINE_CHARS = 300;

export const DocExtractInput = Type.Object(
  {
    ...sourceOf(DOCUMENT_EXTENSIONS),
    inline_chars: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MOST_INLINE_CHARS,
        default: DEFAULT_INLINE_CHARS,
        title: "Characters inline",
        description: "Of a longer text only the beginning stands in the output; the whole is in the artifacts in any case.",
      }),
    ),
  },
  { ...ONE_SOURCE, title: "doc.extract input" },
);

export const DocExtractOutput = Type.Object(
  {
    format: Type.Enum(DOCUMENT_FORMATS, { title: "Format", description: "What the bytes are, whatever the name says." }),
    media_type: Type.String({ title: "Media type", description: "Of that format." }),
    bytes: Type.Integer({ minimum: 0, title: "Size", description: "Size of the document in bytes." }),
    title: Type.Optional(
      Type.String({
        title: "Title",
        description: "As the document states it, else its first heading. One line.",
        "x-kos-type": "text.title",
      }),
    ),
    author: Type.Optional(Type.String({ title: "Author", description: "As the document states it. One line." })),
    language: Type.Optional(Type.String({ title: "Language", description: "As the document states it; not checked against its text." })),
    pages: Type.Optional(Type.Integer({ minimum: 0, title: "Pages", description: "Counted in a PDF; elsewhere what the document says." })),
    words: Type.Integer({ minimum: 0, title: "Words", description: "Of the plain text; a character each in scripts without spaces." }),
    characters: Type.Integer({ minimum: 0, title: "Characters", description: "Unicode code points of the plain text." }),
    markdown: Type.String({
      title: "Markdown",
      description: "The text with its structure, or its beginning.",
      "x-kos-type": "text.markdown",
    }),
    text: Type.String({ title: "Text", description: "The plain text, or its beginning.", "x-kos-type": "text.plain" }),
    truncated: Type.Boolean({
      title: "Shortened here",
      description: "Whether markdown or text is only a beginning; the artifacts hold the whole.",
    }),
    markdown_artifact: { ...ArtifactRefSchema, title: "Markdown as artifact", description: "The whole Markdown, UTF-8." },
    text_artifact: { ...ArtifactRefSchema, title: "Text as artifact", description: "The whole plain text, UTF-8." },
    headings: Type.Array(
      Type.Object({
        level: Type.Integer({ minimum: 1, maximum: 6, title: "Level" }),
        text: Type.String({ title: "Text" }),
      }),
      { title: "Outline", description: `Headings, or a PDF's bookmarks; the first ${MAX_LISTED}.` },
    ),
    headings_total: Type.Integer({ minimum: 0, title: "Headings", description: "How many there are." }),
    links: Type.Array(Type.Object({ url: Type.String({ title: "Address" }), text: Type.String({ title: "Text" }) }), {
      title: "Links",
      description: `Addresses it links to, relative ones as they are; the first ${MAX_LISTED}.`,
    }),
    links_total: Type.Integer({ minimum: 0, title: "Links in all", description: "How many there are." }),
    metadata: Type.Record(Type.String(), Type.String(), { title: "Metadata", description: "What else the document says of itself." }),
    warnings: Type.Array(
      Type.Object({
        code: Type.Enum(WARNING_CODES, { title: "Code" }),
        message: Type.String({ title: "Message" }),
      }),
      { title: "Warnings", description: "What was left out, guessed, or is not what it seems." },
    ),
  },
  { title: "doc.extract output", "x-kos-type": "doc.text" },
);
