// The capability diff.text: what changed between two texts.

import { type CapabilityContext, defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactRefSchema, HashSchema } from "../artifact/artifact-schema.ts";
import { Count } from "../count-schema.ts";
import { tooLarge } from "../task-error.ts";
import { diffMarkdown } from "./diff-markdown.ts";
import { diffLines, MAX_EDITS, unifiedDiff } from "./line-diff.ts";
import { MAX_TEXT_CHARS, readTextSource } from "./text-source.ts";

const DEFAULT_CONTEXT = 3;
const MAX_INLINE_CHARS = 65_536;
const MAX_INLINE_HUNKS = 200;

const Side = (title: string, description: string) =>
  Type.Optional(Type.String({ maxLength: MAX_TEXT_CHARS, title, description, "x-kos-type": "text.plain", "x-kos-sink": "content" }));

const ArtifactOf = (side: string) =>
  Type.Optional({
    ...HashSchema,
    title: `Artifact ${side}`,
    description: `Hash of an artifact that holds the text, instead of ${side}.`,
    "x-kos-sink": "control",
  });

const Input = Type.Object(
  {
    before: Side("Before", "The older text."),
    before_artifact: ArtifactOf("before"),
    after: Side("After", "The newer text."),
    after_artifact: ArtifactOf("after"),
    name: Type.Optional(
      Type.String({
        pattern: "^[^\\x00-\\x1f\\x7f]{1,200}$",
        title: "Name",
        description: "What the texts are, for the headers; default text.",
      }),
    ),
    context: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        default: DEFAULT_CONTEXT,
        title: "Context",
        description: "Unchanged lines around a change.",
      }),
    ),
  },
  {
    additionalProperties: false,
    title: "diff.text input",
    description: "Two texts, each given as it is or as an artifact.",
    allOf: [
      { anyOf: [{ required: ["before"] }, { required: ["before_artifact"] }] },
      { anyOf: [{ required: ["after"] }, { required: ["after_artifact"] }] },
    ],
  },
);

const Output = Type.Object(
  {
    changed: Type.Boolean({ title: "Changed", description: "Whether the texts differ at all." }),
    added_lines: Count("Lines added", "A changed line is one removed and one added."),
    removed_lines: Count("Lines removed", "As above."),
    minimal: Type.Boolean({
      title: "Minimal",
      description: `False where more than ${MAX_EDITS} lines changed: then everything between the first and the last difference counts as replaced.`,
    }),
    unified: Type.String({ title: "Unified diff", description: `Empty if nothing changed; cut after ${MAX_INLINE_CHARS} characters.` }),
    hunks: Type.Array(
      Type.Object({
        old_start: Type.Integer({ title: "First line before" }),
        old_lines: Type.Integer({ title: "Lines before" }),
        new_start: Type.Integer({ title: "First line after" }),
        new_lines: Type.Integer({ title: "Lines after" }),
        lines: Type.Array(Type.String(), { title: "Lines" }),
      }),
      {
        title: "Hunks",
        description: `Changed places with their surroundings; a line begins with +, - or a space. At most ${MAX_INLINE_HUNKS}, together no longer than the diff.`,
      },
    ),
    truncated: Type.Boolean({ title: "Truncated", description: "Whether diff or hunks were cut; the artifact has all." }),
    markdown: Type.String({ title: "For people", description: "The changes as Markdown, up to 400 lines.", "x-kos-type": "text.markdown" }),
    diff: Type.Optional(ArtifactRefSchema),
  },
  { title: "diff.text output", "x-kos-type": "diff.text" },
);

export const diffText = defineCapability({
  name: "diff.text",
  title: "Compare two texts",
  description:
    "Compares two texts line by line and gives the changes as counts, as a unified diff, as hunks and as Markdown for people. " +
    "The whole diff is an artifact when something changed. Errors: BAD_REQUEST for a missing text or a binary artifact; NOT_FOUND for artifacts; TOO_LARGE above 5 Mi characters.",
  input: Input,
  output: Output,
  async run(params, context) {
    const before = await readSide("before", { text: params.before, artifact: params.before_artifact }, context);
    const after = await readSide("after", { text: params.after, artifact: params.after_artifact }, context);
    const diff = await diffLines(before, after, { context: params.context ?? DEFAULT_CONTEXT });
    const unified = await unifiedDiff(params.name ?? "text", diff.hunks);
    const hunks = boundedHunks(diff.hunks);
    const artifact =
      unified === ""
        ? undefined
        : await context.artifacts.put({ name: "changes.diff", media_type: "text/x-diff; charset=utf-8", content: unified });
    return {
      changed: before !== after,
      added_lines: diff.addedLines,
      removed_lines: diff.removedLines,
      minimal: diff.minimal,
      unified: unified.slice(0, MAX_INLINE_CHARS),
      hunks: hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
        old_start: oldStart,
        old_lines: oldLines,
        new_start: newStart,
        new_lines: newLines,
        lines: [...lines],
      })),
      truncated: unified.length > MAX_INLINE_CHARS || hunks.length < diff.hunks.length,
      markdown: await diffMarkdown(diff, params.name),
      ...(artifact && { diff: { ...artifact } }),
    };
  },
});

/** The beginnings of two texts say nothing about their difference, so a text beyond the bound is an error. */
async function readSide(
  side: "before" | "after",
  params: { readonly text: string | undefined; readonly artifact: string | undefined },
  context: CapabilityContext,
): Promise<string> {
  const { text, truncated } = await readTextSource(params, context, { text: side, artifact: `${side}_artifact` });
  if (!truncated) return text;
  const at = params.text === undefined ? `/${side}_artifact` : `/${side}`;
  throw tooLarge(at, `The text is longer than ${MAX_TEXT_CHARS} characters.`, "Compare it part by part.");
}

interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

/** Whole hunks only: half a hunk would lie about its lines. */
function boundedHunks(hunks: readonly Hunk[]): readonly Hunk[] {
  let room = MAX_INLINE_CHARS;
  const fitting = hunks.slice(0, MAX_INLINE_HUNKS).findIndex(({ lines }) => {
    room -= lines.reduce((sum, line) => sum + line.length + 1, 0);
    return room < 0;
  });
  return hunks.slice(0, fitting < 0 ? MAX_INLINE_HUNKS : fitting);
}
