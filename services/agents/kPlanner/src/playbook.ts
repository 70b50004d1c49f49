// The playbook format, version 1: a plan with typed parameters, kept as a YAML file. SPEC.md explains every field.

import { canonicalJson, hashText } from "@kos/klp";
import { BudgetSchema } from "@kos/plan";
import Type from "typebox";

const PARAM_TYPES = ["string", "integer", "number", "boolean", "path", "list", "object"] as const;

const NAME = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
const MAX_NAME_CHARS = 64;
const PARAM_NAME = "^[A-Za-z_][A-Za-z0-9_]{0,63}$";
const strict = { additionalProperties: false } as const;

const PlaybookParamSchema = Type.Object(
  {
    type: Type.Enum(PARAM_TYPES, {
      description: "path is text: the absolute path of a file or folder. list holds texts unless items says otherwise.",
    }),
    title: Type.Optional(Type.String({ maxLength: 100 })),
    description: Type.String({ minLength: 1, maxLength: 1000, description: "What it means, in plain words." }),
    required: Type.Optional(Type.Boolean({ description: "True: the caller must give it. It then has no default." })),
    default: Type.Optional(Type.Unknown({ description: "Its value when the caller gives none. Without one it is null." })),
    enum: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Number()]), { minItems: 1, maxItems: 100 })),
    minimum: Type.Optional(Type.Number()),
    maximum: Type.Optional(Type.Number()),
    minLength: Type.Optional(Type.Integer({ minimum: 0 })),
    maxLength: Type.Optional(Type.Integer({ minimum: 0 })),
    items: Type.Optional(
      Type.Enum(["string", "integer", "number", "boolean", "path", "object"], { description: "Type of a list's entries." }),
    ),
    maxItems: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
  },
  strict,
);
export type PlaybookParam = Type.Static<typeof PlaybookParamSchema>;

const field = (description: string) => Type.Optional(Type.Unknown({ description }));

/** For editors: what a task can hold. Its types are those of a plan's task, or text with `${params.x}` in it. */
const PlaybookTaskSchema = Type.Object({
  task_id: field("A name for references: letters, digits and _ ."),
  title: field("What is done, in plain words."),
  capability: field("Which capability does it: fs.scan."),
  agent: field("Narrows the choice of agent: kExecutor:main."),
  params: field("Its input. ${other_task.field} takes another task's output, ${item} and ${index} the item of a for_each."),
  depends_on: field("Tasks to wait for whose output is not used."),
  when: field("A CEL expression over earlier outputs; false skips the task."),
  for_each: field(
    "A list, or ${task.list}; or {items, concurrency, on_item_error: fail | skip}. The output is the list of the items' outputs.",
  ),
  retry: field("{max_attempts, backoff_ms, max_backoff_ms}."),
  timeout_ms: field("Bound of one attempt."),
  review: field("{criteria, max_rounds, fallback: {capability, params}, on_exhausted: ask | fail | replan}."),
  approval: field("true: a person approves each call."),
});

/** Tasks, output and criteria are looked at after the parameters have been put in, by the one check of plans. */
export const PlaybookSchema = Type.Object(
  {
    playbook: Type.Literal(1, { description: "Version of this format." }),
    name: Type.String({ pattern: NAME, maxLength: MAX_NAME_CHARS, description: "The file is called name.yaml." }),
    version: Type.String({ pattern: "^[0-9]+\\.[0-9]+\\.[0-9]+$", description: "Raised whenever the playbook changes: 1.2.0." }),
    title: Type.String({ minLength: 1, maxLength: 100 }),
    description: Type.String({ minLength: 1, maxLength: 2000, description: "What one gets, in plain words." }),
    docs: Type.Optional(Type.String({ maxLength: 20_000, description: "More, in Markdown." })),
    goal: Type.Optional(Type.String({ minLength: 1, maxLength: 2000, description: "The goal of a run; ${params.x} may stand in it." })),
    params: Type.Record(Type.String({ pattern: PARAM_NAME }), PlaybookParamSchema, strict),
    tasks: Type.Array(PlaybookTaskSchema, {
      minItems: 1,
      description: "As in a plan; ${params.x} stands for a parameter.",
    }),
    output: Type.Optional(Type.Unknown({ description: "What a run gives back." })),
    criteria: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
    budget: Type.Optional(BudgetSchema),
    report: Type.Optional(
      Type.Object(
        {
          outputs: Type.Array(Type.String({ minLength: 1 }), {
            description: "Members of the output that are shown at the end of a run, the most telling first.",
          }),
        },
        strict,
      ),
    ),
  },
  { ...strict, title: "kOS playbook", $schema: "https://json-schema.org/draft/2020-12/schema" },
);
export type Playbook = Type.Static<typeof PlaybookSchema>;

const NAME_PATTERN = new RegExp(NAME);

/** Safe as a file name, too. */
export function isPlaybookName(name: string): boolean {
  return name.length <= MAX_NAME_CHARS && NAME_PATTERN.test(name);
}

/** `sha256:<hex>` over the canonical JSON of the parsed content: comments and layout do not count, everything else does. */
export function playbookHash(playbook: Playbook): string {
  return hashText(canonicalJson(playbook));
}
