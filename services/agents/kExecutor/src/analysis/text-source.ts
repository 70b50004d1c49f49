// Where an analysis gets its text from: given as it is, or as the hash of an artifact. It bounds what is read and says when it did.

import type { CapabilityContext } from "@kos/agent";
import Type from "typebox";
import { HashSchema } from "../artifact/artifact-schema.ts";
import { badParam } from "../task-error.ts";
import { readContent } from "../text/content.ts";

/** Longer texts are analysed up to here, in UTF-16 units. */
export const MAX_TEXT_CHARS = 5_242_880;
const MAX_ARTIFACT_BYTES = 33_554_432;

/** The properties of an input that takes a text; `EITHER_TEXT_OR_ARTIFACT` goes into the schema's own options. */
export const TextSourceProperties = {
  text: Type.Optional(
    Type.String({
      maxLength: 2 * MAX_TEXT_CHARS,
      title: "Text",
      description: `Plain text. Of more than ${MAX_TEXT_CHARS} characters (UTF-16 units) the beginning is analysed.`,
      "x-kos-type": "text.plain",
      "x-kos-sink": "content",
    }),
  ),
  artifact: Type.Optional({
    ...HashSchema,
    title: "Artifact",
    description: "Hash of an artifact that holds the text, instead of the text.",
    "x-kos-sink": "control",
  }),
};
export const EITHER_TEXT_OR_ARTIFACT = { anyOf: [{ required: ["text"] }, { required: ["artifact"] }] };

export const LanguageParam = Type.Optional(
  Type.String({
    pattern: "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
    title: "Language",
    description: "Of the text, as a BCP 47 tag such as en or de. Without it the language is detected.",
  }),
);

export interface TextSource {
  readonly text: string;
  /** Whether only the beginning is in `text`. */
  readonly truncated: boolean;
}

/** Errors: BAD_REQUEST for both or none, or an artifact that is no text; NOT_FOUND and TOO_LARGE (32 MiB) from the artifact. */
export async function readTextSource(
  params: { readonly text?: string | undefined; readonly artifact?: string | undefined },
  context: CapabilityContext,
  names: { readonly text: string; readonly artifact: string } = { text: "text", artifact: "artifact" },
): Promise<TextSource> {
  const { text, artifact } = params;
  if ((text === undefined) === (artifact === undefined)) {
    const which = text === undefined ? "Neither" : "Both";
    throw badParam("", `${which} of ${names.text} and ${names.artifact} given.`, "Give exactly one of them.");
  }
  const whole = text ?? (artifact === undefined ? "" : await textOfArtifact(artifact, context, `/${names.artifact}`));
  return whole.length > MAX_TEXT_CHARS ? { text: beginningOf(whole), truncated: true } : { text: whole, truncated: false };
}

async function textOfArtifact(hash: string, context: CapabilityContext, at: string): Promise<string> {
  const bytes = await context.artifacts.get(hash, { maxBytes: MAX_ARTIFACT_BYTES });
  const content = readContent(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), "auto", false);
  if (content.text === undefined)
    throw badParam(at, "The artifact is not text.", "Extract its text first, with doc.extract for documents.");
  return content.text;
}

/** Cut between characters, not inside a surrogate pair. */
function beginningOf(text: string): string {
  const last = text.charCodeAt(MAX_TEXT_CHARS - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? MAX_TEXT_CHARS - 1 : MAX_TEXT_CHARS);
}
