// Capabilities the engine carries out itself, as states of the plan. Names and schemas; the decisions are in decide-engine-task.ts.

import Type, { type Static } from "typebox";

const THIRTY_DAYS_MS = 2_592_000_000;
const strict = { additionalProperties: false } as const;

export const SleepInput = Type.Object(
  {
    ms: Type.Optional(Type.Integer({ minimum: 0, maximum: THIRTY_DAYS_MS, description: "How long to wait, in milliseconds." })),
    until: Type.Optional(Type.String({ maxLength: 40, description: "RFC 3339 time to wait for; one in the past is over at once." })),
  },
  { ...strict, description: "Give exactly one of ms and until." },
);
export const SleepOutput = Type.Object({ fired_at: Type.String({ description: "When the wait was over, RFC 3339." }) });

export const AskInput = Type.Object(
  {
    question: Type.String({ minLength: 1, maxLength: 4000, "x-kos-sink": "content" }),
    choices: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 50 })),
    schema: Type.Optional(Type.Unknown({ description: "JSON Schema the answer must fit. Without choices and schema any text will do." })),
  },
  strict,
);
export const AskOutput = Type.Object({ answer: Type.Unknown(), by: Type.String() });

export const ApproveInput = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 300, "x-kos-sink": "content" }),
    details: Type.Optional(Type.Unknown({ description: "What the person should see before deciding.", "x-kos-sink": "content" })),
    continue_on_deny: Type.Optional(Type.Boolean({ description: "Go on with `approved: false` instead of failing." })),
  },
  strict,
);
export const ApproveOutput = Type.Object({ approved: Type.Boolean(), by: Type.String(), reason: Type.Optional(Type.String()) });

export type SleepParams = Static<typeof SleepInput>;
export type AskParams = Static<typeof AskInput>;
export type ApproveParams = Static<typeof ApproveInput>;

const ENGINE_CAPABILITIES = ["flow.sleep", "human.ask", "human.approve"] as const;
export type EngineCapability = (typeof ENGINE_CAPABILITIES)[number];

export function isEngineCapability(name: string): name is EngineCapability {
  return (ENGINE_CAPABILITIES as readonly string[]).includes(name);
}
