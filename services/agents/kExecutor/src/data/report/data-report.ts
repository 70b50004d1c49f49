// The capability data.report: turns the profile of a data set into the text, facts and charts of a report, and its JSON.

import { basename } from "node:path";
import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactNameParam } from "../../artifact/artifact-name.ts";
import { ArtifactRefSchema } from "../../artifact/artifact-schema.ts";
import { MeasuredBySchema, measuredBy } from "../../measured-by.ts";
import { ReportBody } from "../../parts/report-parts.ts";
import { badParam } from "../../task-error.ts";
import { DataProfileOutput, type ProfileDocument } from "../data-profile.ts";
import { DataRecountOutput } from "../data-recount.ts";
import { dataCharts } from "./column-charts.ts";
import { type DataReport, reportDocument } from "./report-document.ts";
import { dataFacts, dataMarkdown } from "./report-text.ts";

const MOST_PROFILE_BYTES = 67_108_864;

const Input = Type.Object(
  {
    title: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, title: "Title", description: "Default: the name of the file.", "x-kos-sink": "content" }),
    ),
    profile: DataProfileOutput,
    recount: Type.Optional(DataRecountOutput),
    name: ArtifactNameParam("report", "The JSON is called name.json."),
  },
  {
    additionalProperties: false,
    title: "data.report input",
    description: "The output of data.profile and, for a second count, that of data.recount.",
  },
);

const Output = Type.Object(
  {
    title: Type.String({ title: "Title" }),
    ...ReportBody,
    warnings: Type.Array(Type.String(), { title: "Warnings", description: "What to look at before trusting the data." }),
    json: ArtifactRefSchema,
    measured_by: MeasuredBySchema,
  },
  { title: "data.report output", "x-kos-type": "report.parts" },
);

export const dataReport = defineCapability({
  name: "data.report",
  title: "Write the report on a data set",
  description:
    "Puts the profile of a data set into words: a summary, what is worth a look, every column with its distribution, correlations, faulty rows, and which task obtained each number. " +
    "Writes the JSON artifact; report.render makes pages of the rest. Errors: BAD_REQUEST when the profile does not fit its artifact.",
  input: Input,
  output: Output,
  output_labels: ["untrusted", "confidential"],
  async run(params, context) {
    const profile = readProfile(await context.artifacts.get(params.profile.profile.hash, { maxBytes: MOST_PROFILE_BYTES }));
    if (profile.rows !== params.profile.rows || profile.columns.length !== params.profile.columns.length)
      throw badParam("/profile", "The artifact of the profile does not fit its sums.", "Pass the output of data.profile as it is.");
    const document = reportDocument(params.title ?? sourceName(profile), profile, params.recount);
    const json = await context.artifacts.put({
      name: `${params.name ?? "report"}.json`,
      media_type: "application/json",
      content: `${JSON.stringify(document, undefined, 2)}\n`,
    });
    return {
      title: document.title,
      subtitle: subtitle(document, context.now()),
      facts: [...dataFacts(document)],
      markdown: dataMarkdown(document),
      charts: [...dataCharts(document)],
      warnings: [...document.warnings],
      json: { ...json },
      measured_by: measuredBy(context, "data.report"),
    };
  },
});

function readProfile(bytes: Uint8Array): ProfileDocument {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch {
    value = undefined;
  }
  const isProfile = typeof value === "object" && value !== null && "profile" in value && value.profile === "data-profile";
  if (isProfile) return value as ProfileDocument;
  throw badParam("/profile/profile", "The artifact is no profile.", "Pass the output of data.profile as it is.");
}

function sourceName({ source }: ProfileDocument): string {
  return (source.path === undefined ? (source.artifact ?? "Data set") : basename(source.path)).slice(0, 200);
}

function subtitle({ source }: DataReport, now: number): string {
  const at = new Date(now).toISOString();
  const place = source.path === undefined ? "" : ` of ${source.path}`;
  return `Profile${place}, made on ${at.slice(0, 10)} ${at.slice(11, 16)} UTC`.slice(0, 500);
}
