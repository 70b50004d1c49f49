// The capability site.report: turns a crawled site and its checked links into the text, facts and charts of a report, and its JSON.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactNameParam } from "../../artifact/artifact-name.ts";
import { ArtifactRefSchema } from "../../artifact/artifact-schema.ts";
import { MeasuredBySchema, measuredBy } from "../../measured-by.ts";
import { ReportBody } from "../../parts/report-parts.ts";
import { badParam } from "../../task-error.ts";
import { createSiteScope, SITE_SCOPES } from "../address/site-scope.ts";
import { readDeadList } from "../links/dead-list.ts";
import { LinksSchema } from "../links/web-check-links.ts";
import { siteRecords } from "../site/site-lists.ts";
import type { SiteRecord } from "../site/site-record.ts";
import { SiteSchema } from "../site/web-crawl.ts";
import { strict } from "../web-schema.ts";
import { siteData } from "./site-data.ts";
import { ISSUE_SEVERITIES, siteIssues } from "./site-issues.ts";
import { RecountSchema } from "./site-recount.ts";
import { siteCharts, siteFacts, siteMarkdown } from "./site-text.ts";

const TEN_MINUTES_MS = 600_000;
const MAX_TITLE = 200;

const ReportInput = Type.Object(
  {
    site: SiteSchema,
    links: LinksSchema,
    recount: RecountSchema,
    same_site: Type.Optional(
      Type.Enum(SITE_SCOPES, { default: "host", title: "What belongs to the site", description: "As web.crawl was told." }),
    ),
    title: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_TITLE,
        title: "Title",
        description: "Default: the title of the start page, else the host.",
      }),
    ),
    name: ArtifactNameParam("report", "The JSON is called name.json."),
  },
  { ...strict, title: "site.report input", description: "The outputs of web.crawl, web.check_links and site.recount." },
);

const ReportOutput = Type.Object(
  {
    title: Type.String({ title: "Title", "x-kos-type": "text.title" }),
    ...ReportBody,
    issues: Type.Array(
      Type.Object({ id: Type.String(), severity: Type.Enum(ISSUE_SEVERITIES), text: Type.String(), pages: Type.Array(Type.String()) }),
      { title: "Worth a look", description: "The worst first." },
    ),
    json: ArtifactRefSchema,
    measured_by: MeasuredBySchema,
  },
  { title: "site.report output", "x-kos-type": "report.parts" },
);

export const siteReport = defineCapability({
  name: "site.report",
  title: "Write the report on a site",
  description:
    "Puts a crawled site into words: dead links, titles, sizes, reading level, keywords, how pages are reached, a table of all pages, and which task obtained each number. " +
    "Writes the JSON artifact; report.render makes pages of the rest. Errors: BAD_REQUEST when the parts do not belong together, NOT_FOUND when their records are gone.",
  input: ReportInput,
  output: ReportOutput,
  output_labels: ["untrusted"],
  timeout_ms: TEN_MINUTES_MS,
  async run(params, context) {
    const { site, links, recount } = params;
    const records: Exclude<SiteRecord, { kind: "skipped" }>[] = [];
    for await (const record of siteRecords(site.records, context.artifacts)) if (record.kind !== "skipped") records.push(record);
    const pages = records.filter(({ kind }) => kind === "page").length;
    if (pages !== site.pages_total) {
      throw badParam(
        "/site",
        `Its records hold ${pages} pages, its sum says ${site.pages_total}.`,
        "Pass the output of web.crawl as it is.",
      );
    }
    const sitemap =
      site.sitemap_list === undefined ? "" : Buffer.from(await context.artifacts.get(site.sitemap_list.hash)).toString("utf8");
    const start = records.find(({ url }) => url === site.url);
    const home = start?.kind === "page" && start.title !== "" ? start.title : new URL(site.url).host;
    const data = siteData({
      title: params.title ?? home.slice(0, MAX_TITLE).toWellFormed(),
      site,
      records,
      links,
      dead: await readDeadList(links.dead_list, context.artifacts),
      sitemap: new Set(sitemap.split("\n").filter((line) => line !== "")),
      recount,
      isWithin: createSiteScope(site.url, params.same_site ?? "host"),
    });
    const issues = siteIssues(data);
    const json = await context.artifacts.put({
      name: `${params.name ?? "report"}.json`,
      media_type: "application/json",
      content: `${JSON.stringify({ ...data, issues }, undefined, 2)}\n`,
    });
    return {
      title: data.title,
      subtitle: `Report on ${site.url.slice(0, 300)}, read on ${site.started_at.slice(0, 10)} ${site.started_at.slice(11, 16)} UTC`,
      facts: [...siteFacts(data)],
      markdown: siteMarkdown(data, issues),
      charts: [...siteCharts(data)],
      issues: issues.map((issue) => ({ ...issue, pages: [...issue.pages] })),
      json: { ...json },
      measured_by: measuredBy(context, "site.report"),
    };
  },
});
