// The capability repo.report: turns the measurements of a code base into the text, facts and charts of a report, and its JSON.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { ArtifactNameParam } from "../artifact/artifact-name.ts";
import { ArtifactRefSchema } from "../artifact/artifact-schema.ts";
import { GitLsFilesOutput } from "../git/git-ls-files.ts";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import { CodeMergeOutput } from "../metrics/code-merge.ts";
import type { Totals } from "../metrics/tally.ts";
import { ReportBody } from "../parts/report-parts.ts";
import { FsScanOutput } from "../scan/fs-scan.ts";
import { badParam } from "../task-error.ts";
import { type ReportData, reportData } from "./report-data.ts";
import { reportCharts, reportFacts, reportMarkdown } from "./report-text.ts";
import { SEVERITIES } from "./risk.ts";
import { findRisks } from "./risks.ts";

const MAX_METRICS_BYTES = 268_435_456;

const Input = Type.Object(
  {
    title: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        title: "Title",
        description: "Default: what the manifest at the top calls it, else the name of the folder.",
      }),
    ),
    scan: FsScanOutput,
    metrics: CodeMergeOutput,
    git_files: Type.Optional(GitLsFilesOutput),
    name: ArtifactNameParam("report", "The JSON is called name.json."),
  },
  {
    additionalProperties: false,
    title: "repo.report input",
    description: "The outputs of fs.scan, code.merge and, for a second count, git.ls_files.",
  },
);

const Output = Type.Object(
  {
    title: Type.String({ title: "Title" }),
    ...ReportBody,
    risks: Type.Array(
      Type.Object({ id: Type.String(), severity: Type.Enum(SEVERITIES), text: Type.String(), paths: Type.Array(Type.String()) }),
      { title: "Worth a look", description: "The worst first." },
    ),
    json: ArtifactRefSchema,
    measured_by: MeasuredBySchema,
  },
  { title: "repo.report output", "x-kos-type": "report.parts" },
);

/** The lists that the sums of code.merge were made from; enough to know the artifact by. */
const TotalsSchema = Type.Object({
  files_total: Type.Integer(),
  bytes_total: Type.Integer(),
  languages: Type.Array(Type.Object({ name: Type.String(), files: Type.Integer(), lines: Type.Integer() })),
  todo_items: Type.Array(Type.Object({ path: Type.String() })),
  duplicates: Type.Array(Type.Object({ files: Type.Array(Type.String()) })),
  largest: Type.Array(Type.Object({ path: Type.String() })),
  licences: Type.Array(Type.Object({ path: Type.String(), spdx: Type.String() })),
  manifests: Type.Array(Type.Object({ path: Type.String(), kind: Type.String() })),
  signals: Type.Object({ lockfiles: Type.Array(Type.String()) }),
});

export const repoReport = defineCapability({
  name: "repo.report",
  title: "Write the report on a code base",
  description:
    "Puts the measurements of a code base into words: a summary, what is worth a look, languages, size, marked lines, duplicates, licences, dependencies, and which task obtained each number. " +
    "Writes the JSON artifact; report.render makes pages of the rest. Errors: BAD_REQUEST when the measurements do not belong together.",
  input: Input,
  output: Output,
  async run(params, context) {
    const { scan, metrics: merged, git_files: git } = params;
    const totals = readTotals(await context.artifacts.get(merged.metrics.hash, { maxBytes: MAX_METRICS_BYTES }));
    if (totals.files_total !== merged.files_total)
      throw badParam("/metrics", "The artifact of the measurement does not fit its sums.", "Pass the output of code.merge as it is.");
    const sources = { scan, merged, totals, ...(git === undefined ? {} : { git }) };
    const self = measuredBy(context, "repo.report");
    const data = reportData({
      title: params.title ?? projectName(totals) ?? folderName(scan.root),
      ...sources,
      risks: findRisks(sources),
      risksBy: self,
    });
    const json = await context.artifacts.put({
      name: `${params.name ?? "report"}.json`,
      media_type: "application/json",
      content: `${JSON.stringify(data, undefined, 2)}\n`,
    });
    return {
      title: data.title,
      subtitle: subtitle(data),
      facts: [...reportFacts(data)],
      markdown: reportMarkdown(data),
      charts: [...reportCharts(data)],
      risks: data.risks.map((risk) => ({ ...risk, paths: [...risk.paths] })),
      json: { ...json },
      measured_by: self,
    };
  },
});

function readTotals(bytes: Uint8Array): Totals {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (Compile(TotalsSchema).Check(value)) return value as unknown as Totals;
  throw badParam("/metrics/metrics", "The artifact is no measurement.", "Pass the output of code.merge as it is.");
}

/** What the manifest at the top calls it. */
function projectName({ manifests }: Totals): string | undefined {
  return manifests.find(({ path, name }) => !path.includes("/") && name !== undefined)?.name;
}

function folderName(root: string): string {
  return root.split("/").findLast((segment) => segment !== "") ?? root;
}

function subtitle({ revision, scanned_at: at, repository }: ReportData): string {
  const day = `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
  const place = [revision.branch, revision.commit?.slice(0, 12)].filter((part) => part !== undefined).join(" at ");
  return `Report on a code base${repository && place !== "" ? `, ${place}` : ""}, read on ${day}`.slice(0, 500);
}
