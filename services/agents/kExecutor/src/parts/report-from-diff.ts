// The capability report.from_diff: what changed between two texts as the parts of a report.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { formatCount } from "../render/amount.ts";
import { factOf, ReportPartsSchema, TitleParam, titleOf } from "./report-parts.ts";

const Input = Type.Object(
  {
    diff: Type.Object(
      {
        changed: Type.Boolean(),
        added_lines: Type.Integer({ minimum: 0 }),
        removed_lines: Type.Integer({ minimum: 0 }),
        markdown: Type.String(),
      },
      { title: "Changes", description: "The output of diff.text, as it is.", "x-kos-type": "diff.text", "x-kos-sink": "content" },
    ),
    title: TitleParam,
  },
  { additionalProperties: false, title: "report.from_diff input" },
);

export const reportFromDiff = defineCapability({
  name: "report.from_diff",
  title: "Make a report of changes",
  description: "Puts what changed between two texts into the parts of a report; report.render makes pages of them.",
  input: Input,
  output: ReportPartsSchema,
  timeout_ms: 10_000,
  run: async ({ diff, title }) => ({
    title: titleOf(title, "What changed"),
    subtitle: diff.changed ? "" : "Nothing changed",
    facts: [...factOf("Lines added", formatCount(diff.added_lines)), ...factOf("Lines removed", formatCount(diff.removed_lines))],
    markdown: diff.changed ? diff.markdown : "Both texts are the same.",
    charts: [],
  }),
});
