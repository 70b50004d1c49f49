// Bodies and answers about playbooks: what there is, what a person saves, what is wrong with one.

import Type, { type Static } from "typebox";

const strict = { additionalProperties: false } as const;
const MAX_TEXT_CHARS = 262_144;
const Name = Type.String({ minLength: 1, maxLength: 100 });
const Text = Type.String({ minLength: 1, maxLength: MAX_TEXT_CHARS, description: "The file: YAML, as playbooks/README.md explains." });

export const PlaybookViewSchema = Type.Object({
  name: Type.String(),
  version: Type.String(),
  title: Type.String(),
  description: Type.String(),
  hash: Type.String(),
  /** `shipped` or `own`. */
  origin: Type.String(),
  /** JSON Schema of its params. */
  params: Type.Record(Type.String(), Type.Unknown()),
  tasks: Type.Integer(),
  /** Members of the output to show at the end of a run. */
  shows: Type.Array(Type.String()),
  docs: Type.Optional(Type.String()),
  /** What keeps a broken one from being used. */
  problems: Type.Array(Type.String()),
});
export type PlaybookView = Static<typeof PlaybookViewSchema>;

const PlaybookFindingSchema = Type.Object({
  code: Type.String(),
  severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
  path: Type.String(),
  message: Type.String(),
  hint: Type.String(),
  task_id: Type.Optional(Type.String()),
  /** `file:line:column`. */
  source: Type.Optional(Type.String()),
});
export type PlaybookFinding = Static<typeof PlaybookFindingSchema>;

/** With `text` what was sent is checked, under `file` in messages; without it the playbook of that name. */
export const PlaybookCheckRequestSchema = Type.Object(
  { name: Name, text: Type.Optional(Text), file: Type.Optional(Type.String({ maxLength: 4096 })) },
  strict,
);
export const PlaybookCheckSchema = Type.Object({ name: Type.String(), file: Type.String(), findings: Type.Array(PlaybookFindingSchema) });
export type PlaybookCheck = Static<typeof PlaybookCheckSchema>;

export const SavePlaybookSchema = Type.Object(
  {
    name: Name,
    text: Text,
    /** Without it a playbook of yours that is there already is not touched. */
    replace: Type.Optional(Type.Boolean()),
  },
  strict,
);

export const SavedPlaybookSchema = Type.Object({
  name: Type.String(),
  /** Where it lies. */
  file: Type.String(),
  hash: Type.String(),
  /** Where the one it took the place of lies now. */
  kept: Type.Optional(Type.String()),
  /** It stands in for a shipped one from now on. */
  replaces_shipped: Type.Boolean(),
  /** Warnings. */
  findings: Type.Array(PlaybookFindingSchema),
});
export type SavedPlaybook = Static<typeof SavedPlaybookSchema>;

export const RemovedPlaybookSchema = Type.Object({
  name: Type.String(),
  /** Where it lies now. */
  kept: Type.String(),
});

/** From a plan, with what was written into it as defaults of its parameters; without one something small to begin with. */
export const PlaybookDraftRequestSchema = Type.Object(
  { plan_id: Type.Optional(Type.String()), name: Name, title: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })) },
  strict,
);
export const PlaybookTextSchema = Type.Object({ name: Type.String(), text: Type.String() });
export type PlaybookText = Static<typeof PlaybookTextSchema>;
