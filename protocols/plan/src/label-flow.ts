// Where labelled values may go: untrusted text must not steer an effect, confidential values must not leave, unless a person agrees.
// The same rules serve the check before a plan runs (labels foreseen) and the one at dispatch (labels known).

import type { CapabilityShape } from "./capability-shape.ts";
import { jsonPath } from "./json-path.ts";
import type { Label } from "./label.ts";
import type { PlacedReference } from "./reference.ts";
import { referencesIn } from "./reference.ts";
import { hasControlSink, isControlSink } from "./schema-view.ts";

export const FLOW_RULES = ["untrusted_control", "confidential_egress"] as const;
export type FlowRule = (typeof FLOW_RULES)[number];

/** What happens when a rule applies: a person is asked for the call, or it is refused. */
export type FlowPolicy = Readonly<Record<FlowRule, "approve" | "deny">>;
export const DEFAULT_FLOW_POLICY: FlowPolicy = { untrusted_control: "approve", confidential_egress: "approve" };

export interface FlowConcern {
  readonly rule: FlowRule;
  /** JSON path of the value; `$` is the params unless the references were placed elsewhere. */
  readonly at: string;
  /** In plain words, for the person who decides. */
  readonly reason: string;
}

export interface FlowQuestion {
  readonly capability: CapabilityShape;
  /** As written in the plan, references not filled in. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Labels of the value a name stands for (a task id, `item` or `index`), less what this reference cannot carry. */
  readonly labelsOf: (name: string, reference: PlacedReference) => readonly Label[];
  /** Labels of what is written literally in the params. */
  readonly fixed: readonly Label[];
  /** The references in the params, when they are known already. */
  readonly references?: readonly PlacedReference[];
}

/** Effects through which untrusted text in a control sink could do harm. */
const STEERABLE = new Set(["exec", "net.write"]);

/** Every flow of this call that a rule speaks of. Errors: BAD_REQUEST for a malformed reference. */
export function flowConcerns(question: FlowQuestion): readonly FlowConcern[] {
  const references = question.references ?? referencesIn(question.params);
  const isLabelled = question.fixed.length > 0 || references.some((reference) => question.labelsOf(reference.name, reference).length > 0);
  if (!isLabelled) return [];
  const effects = effectsOfCall(question.capability, question.params, references);
  return [...untrustedControl(question, effects, references), ...confidentialEgress(question, effects, references)];
}

function untrustedControl(
  question: FlowQuestion,
  effects: readonly string[],
  references: readonly PlacedReference[],
): readonly FlowConcern[] {
  const steerable = effects.filter((effect) => STEERABLE.has(effect));
  const { input, name } = question.capability;
  if (steerable.length === 0 || !hasControlSink(input)) return [];
  const does = steerable.map(effectWords).join(" and ");
  const concerns = references
    .filter((reference) => question.labelsOf(reference.name, reference).includes("untrusted") && isControlSink(input, reference.steps))
    .map((reference): FlowConcern => {
      const reason = `untrusted content (${reference.text}) decides ${placeWords(reference.steps)} of ${name}, which can ${does}`;
      return { rule: "untrusted_control", at: reference.at, reason };
    });
  if (question.fixed.includes("untrusted")) {
    const sink = Object.keys(question.params).find((key) => isControlSink(input, [key]));
    if (sink !== undefined) {
      const reason = `the plan itself came from an untrusted source and decides "${sink}" of ${name}, which can ${does}`;
      concerns.push({ rule: "untrusted_control", at: `$.${sink}`, reason });
    }
  }
  return concerns;
}

function confidentialEgress(
  question: FlowQuestion,
  effects: readonly string[],
  references: readonly PlacedReference[],
): readonly FlowConcern[] {
  if (!effects.some((effect) => effect.startsWith("net."))) return [];
  const { name } = question.capability;
  const concerns = references
    .filter((reference) => question.labelsOf(reference.name, reference).includes("confidential"))
    .map((reference): FlowConcern => {
      const reason = `confidential content (${reference.text}) would leave through ${placeWords(reference.steps)} of ${name}, which uses the network`;
      return { rule: "confidential_egress", at: reference.at, reason };
    });
  if (question.fixed.includes("confidential")) {
    concerns.push({
      rule: "confidential_egress",
      at: "$",
      reason: `the plan holds confidential content that ${name} could send over the network`,
    });
  }
  return concerns;
}

/** The effects of this call, narrowed by the capability only as far as it looked at literal params. */
function effectsOfCall(
  capability: CapabilityShape,
  params: Readonly<Record<string, unknown>>,
  references: readonly PlacedReference[],
): readonly string[] {
  if (capability.effectsOf === undefined) return capability.effects;
  const open = new Set(references.map((reference) => String(reference.steps[0])));
  let sawReference = false;
  const watched = new Proxy(params, {
    get(target, key) {
      if (typeof key !== "string" || open.has(key)) sawReference = true;
      return typeof key === "string" && Object.hasOwn(target, key) ? target[key] : undefined;
    },
    has(target, key) {
      return Object.hasOwn(target, key);
    },
  });
  try {
    const narrowed = capability.effectsOf(watched);
    return sawReference ? capability.effects : narrowed.filter((effect) => capability.effects.includes(effect));
  } catch {
    // A capability that cannot say is taken at its widest.
    return capability.effects;
  }
}

function effectWords(effect: string): string {
  return effect === "exec" ? "run programs" : "write to the network";
}

function placeWords(steps: readonly (string | number)[]): string {
  return `"${jsonPath(steps).slice(2)}"`;
}
