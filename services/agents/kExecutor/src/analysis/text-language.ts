// The capability text.language: which language a text is in, and how sure that is.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { detectLanguage } from "./language.ts";
import { EITHER_TEXT_OR_ARTIFACT, readTextSource, TextSourceProperties } from "./text-source.ts";

const Input = Type.Object(TextSourceProperties, {
  additionalProperties: false,
  title: "text.language input",
  ...EITHER_TEXT_OR_ARTIFACT,
});

const Language = Type.String({ title: "Language", description: "ISO 639-1; und where there is nothing to tell it by." });
const Confidence = Type.Number({
  minimum: 0,
  maximum: 1,
  title: "Confidence",
  description: "Near 1: no other language comes close. About 0.5: another is as likely. Less for a text of under forty letters.",
});

const Output = Type.Object(
  {
    language: Language,
    confidence: Confidence,
    alternatives: Type.Array(Type.Object({ language: Language, confidence: Confidence }), {
      title: "Alternatives",
      description: "The next ones, best first, at most four.",
    }),
  },
  { title: "text.language output", "x-kos-type": "text.language" },
);

export const textLanguage = defineCapability({
  name: "text.language",
  title: "Tell the language of a text",
  description:
    "Tells which of 60 languages a text is in, by its n-grams, from up to eight samples spread over it; reliable from a sentence on. " +
    "Errors: BAD_REQUEST for no text; NOT_FOUND, TOO_LARGE for the artifact.",
  input: Input,
  output: Output,
  async run(params, context) {
    const { text } = await readTextSource(params, context);
    const { language, confidence, alternatives } = await detectLanguage(text);
    return { language, confidence, alternatives: alternatives.map((other) => ({ ...other })) };
  },
});
