// A typed answer as the value that a question's schema asks for.

import type { InputRequest } from "@kos/api";

type Schema = Readonly<Record<string, unknown>>;
export type ReadAnswer = { readonly answer: unknown } | { readonly problem: string };

/**
 * A choice by its number or its words; text as it is; JSON where the schema asks for something else. Where the schema is an object with one
 * required choice among words (`{decision: accept | retry | fail}`), the word alone will do.
 */
export function readAnswer(text: string, input: Pick<InputRequest, "schema" | "choices">): ReadAnswer {
  const typed = text.trim();
  const schema = schemaOf(input.schema);
  const choices = input.choices ?? [];
  const chosen = choices[Number(typed) - 1] ?? choices.find((choice) => choice.toLowerCase() === typed.toLowerCase());
  const field = singleChoiceField(schema);
  const word = chosen ?? typed;
  if (field !== undefined && field.words.includes(word)) return { answer: { [field.name]: word } };
  if (chosen !== undefined) return { answer: chosen };
  if (field !== undefined && !typed.startsWith("{")) return { problem: `Answer with one of: ${field.words.join(", ")}.` };
  if (choices.length > 0 && schema === undefined) return { problem: `Answer with one of: ${choices.join(", ")}.` };
  return schema === undefined || schema["type"] === "string" ? { answer: text } : jsonAnswer(typed, schema);
}

function jsonAnswer(typed: string, schema: Schema): ReadAnswer {
  if (schema["type"] === "boolean" && /^(y|yes|n|no)$/i.test(typed)) return { answer: /^y/i.test(typed) };
  try {
    return { answer: JSON.parse(typed) };
  } catch {
    return { problem: `Answer with JSON${typeof schema["type"] === "string" ? ` (${schema["type"]})` : ""}.` };
  }
}

function singleChoiceField(schema: Schema | undefined): { readonly name: string; readonly words: readonly string[] } | undefined {
  const required = schema?.["required"];
  if (!Array.isArray(required) || required.length !== 1) return undefined;
  const name = String(required[0]);
  const words = schemaOf(schemaOf(schema?.["properties"])?.[name])?.["enum"];
  return Array.isArray(words) ? { name, words: words.map(String) } : undefined;
}

function schemaOf(value: unknown): Schema | undefined {
  return typeof value === "object" && value !== null ? (value as Schema) : undefined;
}
