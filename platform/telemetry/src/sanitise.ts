// Turns whatever a caller logs into plain JSON data: without secrets, on one line, bounded, and without ever throwing.

import { safeText } from "@kos/klp";
import type { Redactor } from "./redactor.ts";

const MAX_TEXT = 8192;
/** A secret that begins within the text may end this far behind it and is still seen whole. */
const SLACK = 1024;
const MAX_ENTRIES = 100;
const MAX_DEPTH = 6;
const MAX_STACK_LINES = 20;

export interface Sanitiser {
  text(text: string): string;
  /** Undefined for what JSON does not have. */
  value(value: unknown): unknown;
  fields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
}

export function createSanitiser(redactor: Redactor): Sanitiser {
  function text(raw: string): string {
    const clean = safeText(redactor.redact(raw.length > MAX_TEXT + SLACK ? raw.slice(0, MAX_TEXT + SLACK) : raw));
    return clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT).toWellFormed()}…` : clean;
  }

  function value(raw: unknown, depth: number): unknown {
    switch (typeof raw) {
      case "string":
        return text(raw);
      case "number":
        return Number.isFinite(raw) ? raw : String(raw);
      case "boolean":
        return raw;
      case "bigint":
        return raw.toString();
      case "object":
        return raw === null ? null : object(raw, depth);
      default:
        return undefined;
    }
  }

  function object(raw: object, depth: number): unknown {
    if (depth >= MAX_DEPTH) return "[deeper]";
    try {
      if (raw instanceof Error) return error(raw, depth);
      if (ArrayBuffer.isView(raw)) return `[${raw.byteLength} bytes]`;
      if ("toJSON" in raw && typeof raw.toJSON === "function") return value((raw as { toJSON(): unknown }).toJSON(), depth + 1);
      if (Array.isArray(raw)) return list(raw, depth);
      return entries(
        raw instanceof Map ? [...raw].map(([key, item]): [string, unknown] => [String(key), item]) : Object.entries(raw),
        depth,
      );
    } catch (cause) {
      return `[unreadable: ${text(cause instanceof Error ? cause.message : "")}]`;
    }
  }

  function list(raw: readonly unknown[], depth: number): readonly unknown[] {
    const items = raw.slice(0, MAX_ENTRIES).map((item) => value(item, depth + 1) ?? null);
    return raw.length > MAX_ENTRIES ? [...items, `[${raw.length - MAX_ENTRIES} more]`] : items;
  }

  function entries(raw: readonly (readonly [string, unknown])[], depth: number): Readonly<Record<string, unknown>> {
    const kept = raw.slice(0, MAX_ENTRIES).flatMap(([key, item]): [string, unknown][] => {
      const clean = redactor.isSecretKey(key) && item !== null && item !== undefined ? "[redacted]" : value(item, depth + 1);
      return clean === undefined ? [] : [[text(key), clean]];
    });
    if (raw.length > MAX_ENTRIES) kept.push(["…", `[${raw.length - MAX_ENTRIES} more]`]);
    return Object.fromEntries(kept);
  }

  function error(raw: Error, depth: number): Readonly<Record<string, unknown>> {
    const { code, details } = raw as { readonly code?: unknown; readonly details?: unknown };
    const stack = typeof raw.stack === "string" ? raw.stack.split("\n").slice(1, MAX_STACK_LINES + 1) : [];
    return entries(
      [
        ["name", raw.name],
        ["code", typeof code === "string" ? code : undefined],
        ["message", raw.message],
        ["details", details],
        ["stack", stack.length > 0 ? stack.map((line) => line.trim()) : undefined],
        ["cause", raw.cause],
      ],
      depth,
    );
  }

  return { text, value: (raw) => value(raw, 0), fields: (fields) => value(fields, 0) as Readonly<Record<string, unknown>> };
}
