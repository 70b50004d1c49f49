// The form that fits a question: an object's properties are its fields; any other answer is one field of its own.

import type { InputRequest } from "@kos/api";

type Schema = Readonly<Record<string, unknown>>;

export interface AnswerForm {
  /** An object schema. */
  readonly schema: Schema;
  /** The answer is the member `answer` of what the form holds, not the whole. */
  readonly isWrapped: boolean;
}

export function answerForm({ schema }: Pick<InputRequest, "schema">): AnswerForm {
  const known = typeof schema === "object" && schema !== null ? (schema as Schema) : {};
  const properties = known["properties"];
  if (known["type"] === "object" && typeof properties === "object" && properties !== null && Object.keys(properties).length > 0)
    return { schema: known, isWrapped: false };
  const isOpen = known["type"] === undefined && known["enum"] === undefined && known["anyOf"] === undefined && known["oneOf"] === undefined;
  const answer = { title: "Answer", ...known, ...(isOpen && { type: "string" }) };
  return { schema: { type: "object", properties: { answer }, required: ["answer"] }, isWrapped: true };
}
