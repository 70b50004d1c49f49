// The capability plan.alternative: another way to what a call was to give, without what has been tried. The engine asks it for a task whose
// result did not pass its review (`on_exhausted: replan`).

import type { Capability } from "@kos/agent";
import { defineCapability } from "@kos/agent";
import { KosError } from "@kos/klp";
import type { CapabilityCatalogue, CapabilityShape } from "@kos/plan";
import { mayHoldReference, parseTemplate, TaskSchema } from "@kos/plan";
import Type from "typebox";
import { composeFrom } from "./compose/compose.ts";
import type { Given } from "./compose/given.ts";
import { readWords } from "./compose/schema-words.ts";

const strict = { additionalProperties: false } as const;
const Params = Type.Record(Type.String(), Type.Unknown());

const Input = Type.Object(
  {
    capability: Type.String({ description: "What the task called." }),
    params: Params,
    without: Type.Array(Type.String(), { maxItems: 100, description: "What has been tried." }),
    members: Type.Array(Type.String(), { maxItems: 1000, description: "Of its output, what the rest of the plan refers to." }),
    prefix: Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_-]{0,39}$", description: "Ids of the steps begin with it." }),
  },
  { ...strict, title: "plan.alternative input", description: "Params as they stand in the plan, references not filled in." },
);

const Output = Type.Object(
  {
    capability: Type.String({ description: "Gives a value of the same type, in which the members asked for are always there." }),
    params: Params,
    steps: Type.Array(TaskSchema, { description: "To be done before." }),
  },
  { ...strict, title: "plan.alternative output" },
);

type AlternativeInput = Type.Static<typeof Input>;
type AlternativeOutput = Type.Static<typeof Output>;

/** Errors: UNKNOWN_CAPABILITY; BAD_REQUEST, with what is missing, when there is no other way. */
export function planAlternative({
  catalogue,
}: {
  readonly catalogue: CapabilityCatalogue;
}): Capability<AlternativeInput, AlternativeOutput> {
  return defineCapability({
    name: "plan.alternative",
    title: "Look for another way",
    description: "Composes another way to what a call was to give, from the same inputs, without the capabilities that have been tried.",
    input: Input,
    output: Output,
    effects: [],
    idempotent: true,
    placement: "inline",
    timeout_ms: 30_000,
    async run(params) {
      return findAlternative(params, catalogue);
    },
  });
}

export function findAlternative(
  { capability: name, params, without, members, prefix }: AlternativeInput,
  catalogue: CapabilityCatalogue,
): AlternativeOutput {
  const capability = catalogue.get(name);
  if (capability === undefined) throw new KosError("UNKNOWN_CAPABILITY", `No agent offers "${name}".`);
  const type = readWords(capability).places.find(({ path }) => path.length === 0)?.word;
  if (type === undefined) {
    throw new KosError("BAD_REQUEST", `What ${name} gives has no type as a whole, so nothing else is known to give the same.`, {
      retryable: false,
    });
  }
  const tried = new Set([...without, name]);
  const makers = otherMakers(type, tried, catalogue);
  const unlike = makers.filter((maker) => !givesSurely(maker, type, members));
  if (makers.length > 0 && unlike.length === makers.length) {
    const message = `${makers.map((maker) => maker.name).join(" and ")} would give ${type}, but not always with ${members.join(", ")}, as the plan needs it.`;
    throw new KosError("BAD_REQUEST", message, { retryable: false });
  }
  const wish = { type, without: [...tried, ...unlike.map((maker) => maker.name)] };
  const { graph, last } = composeFrom(givensOf(capability, params), wish, { catalogue, within: { prefix } });
  const final = graph.tasks.find(({ task_id }) => task_id === last);
  if (final === undefined) throw new KosError("INTERNAL", "The composed plan has no last task.");
  return { capability: final.capability, params: final.params, steps: graph.tasks.filter((task) => task !== final) };
}

/** What the call was given, under the words of its input. */
function givensOf(capability: CapabilityShape, params: AlternativeInput["params"]): readonly Given[] {
  const members = new Map(readWords(capability).members.map((member) => [member.name, member]));
  return Object.entries(params).map(([name, template]) => {
    const literal = literalOf(template);
    return { name, word: members.get(name)?.word, template, literal: literal && { value: literal.value } };
  });
}

/** The value of a template without references; undefined when it has some. */
function literalOf(template: unknown): { readonly value: unknown } | undefined {
  if (typeof template === "string") {
    const parts = mayHoldReference(template) ? parseTemplate(template, "$.params") : [template];
    return parts.every((part) => typeof part === "string") ? { value: parts.join("") } : undefined;
  }
  if (Array.isArray(template)) {
    const items = template.map(literalOf);
    return items.every((item) => item !== undefined) ? { value: items.map((item) => item.value) } : undefined;
  }
  if (typeof template !== "object" || template === null) return { value: template };
  const entries = Object.entries(template).map(([key, member]) => [key, literalOf(member)] as const);
  return entries.every(([, member]) => member !== undefined)
    ? { value: Object.fromEntries(entries.map(([key, member]) => [key, member?.value])) }
    : undefined;
}

function otherMakers(type: string, tried: ReadonlySet<string>, catalogue: CapabilityCatalogue): readonly CapabilityShape[] {
  const others = [...catalogue.keys()].filter((name) => !tried.has(name)).sort();
  return others.flatMap((name) => catalogue.get(name) ?? []).filter((other) => readWords(other).places.some(({ word }) => word === type));
}

/** Whether its whole output is of the type, and holds what the rest of the plan reads. */
function givesSurely(maker: CapabilityShape, type: string, members: readonly string[]): boolean {
  const there = requiredOf(maker);
  const isWhole = readWords(maker).places.find(({ word }) => word === type)?.path.length === 0;
  return isWhole && members.every((member) => there.includes(member));
}

function requiredOf({ output }: CapabilityShape): readonly unknown[] {
  const required: unknown =
    typeof output === "object" && output !== null ? (output as { readonly required?: unknown }).required : undefined;
  return Array.isArray(required) ? required : [];
}
