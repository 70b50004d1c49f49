// A small catalogue for composing, and a short way to write capabilities down.

import type { CapabilityShape } from "@kos/plan";
import type { ComposeLimits, Composition } from "./compose.ts";
import { composePlan } from "./compose.ts";

export interface Sketch {
  /** Required members with their words; `name?` is optional, `name: ""` has no word. */
  readonly takes?: Readonly<Record<string, string>>;
  /** Names of members of which one is required. */
  readonly oneOf?: readonly string[];
  readonly gives: Readonly<Record<string, string>>;
  /** Word of the whole output, of the whole input. */
  readonly whole?: string;
  readonly input?: string;
  readonly cost?: number;
  readonly effects?: readonly string[];
  readonly timeoutMs?: number;
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly types?: Readonly<Record<string, unknown>>;
}

function sketch(name: string, made: Sketch): CapabilityShape {
  const required = Object.keys(made.takes ?? {}).filter((member) => !member.endsWith("?"));
  const memberSchema = (member: string, word: string) => ({
    ...((made.types?.[member] as object | undefined) ?? { type: "string" }),
    ...(word !== "" && { "x-kos-type": word }),
    ...(made.defaults?.[member] !== undefined && { default: made.defaults[member] }),
  });
  const properties = (from: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(from).map(([member, word]) => {
        const plain = member.replace("?", "");
        return [plain, memberSchema(plain, word)];
      }),
    );
  return {
    name,
    title: `Do ${name}`,
    input: {
      type: "object",
      properties: properties(made.takes ?? {}),
      required: required.filter((member) => made.oneOf?.includes(member) !== true),
      additionalProperties: false,
      ...(made.oneOf !== undefined && { anyOf: made.oneOf.map((member) => ({ required: [member] })) }),
      ...(made.input !== undefined && { "x-kos-type": made.input }),
    },
    output: {
      type: "object",
      properties: properties(made.gives),
      required: Object.keys(made.gives).filter((member) => !member.endsWith("?")),
      ...(made.whole !== undefined && { "x-kos-type": made.whole }),
    },
    effects: made.effects ?? [],
    idempotent: true,
    timeout_ms: made.timeoutMs ?? 1000,
    retry: { max_attempts: 1 },
    cost: made.cost ?? 1,
    output_labels: [],
  };
}

export function catalogueOf(sketches: Readonly<Record<string, Sketch>>): ReadonlyMap<string, CapabilityShape> {
  return new Map(Object.entries(sketches).map(([name, made]) => [name, sketch(name, made)]));
}

export const SITE_CATALOGUE = catalogueOf({
  "web.fetch": { takes: { url: "url", "max_bytes?": "" }, gives: {}, whole: "web.page", effects: ["net.read"] },
  "web.extract": {
    takes: { page: "web.page" },
    gives: { markdown: "text.markdown", title: "text.title" },
    whole: "doc.text",
    types: { page: { type: "object" } },
  },
  "web.crawl": { takes: { url: "url", pages: "" }, gives: {}, whole: "web.site", effects: ["net.read"], cost: 5 },
  "doc.extract": {
    takes: { path: "fs.path", artifact: "artifact.hash" },
    oneOf: ["path", "artifact"],
    gives: { markdown: "text.markdown", title: "text.title" },
    whole: "doc.text",
    effects: ["fs.read"],
  },
  "text.summarize": { takes: { text: "text.markdown" }, gives: { sentences: "text.sentences" }, whole: "text.summary" },
  "model.summarize": { takes: { text: "text.markdown" }, gives: {}, whole: "text.summary", effects: ["model"] },
  "data.profile": {
    takes: { path: "fs.path" },
    gives: { charts: "report.charts" },
    whole: "data.profile",
    effects: ["fs.read"],
    types: { charts: { type: "array" } },
  },
  "report.from_profile": {
    takes: { profile: "data.profile" },
    gives: { markdown: "text.markdown", title: "text.title" },
    whole: "report.parts",
    types: { profile: { type: "object" } },
  },
  "report.render": {
    takes: { title: "text.title", markdown: "text.markdown", "charts?": "report.charts", "name?": "" },
    gives: {},
    whole: "report.files",
    types: { charts: { type: "array" } },
  },
  "diff.text": { takes: { before: "text.plain", after: "text.plain" }, gives: {}, whole: "diff.text" },
});

export function compose(
  given: unknown,
  want: unknown,
  catalogue: ReadonlyMap<string, CapabilityShape> = SITE_CATALOGUE,
  limits?: ComposeLimits,
): Composition {
  return composePlan({ given, want }, { catalogue, ...(limits !== undefined && { limits }) });
}
