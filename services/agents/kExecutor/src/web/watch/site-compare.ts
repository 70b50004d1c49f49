// The capability site.compare: what changed on a crawled site since the last look, as a report, and what to remember until the next.

import { type CapabilityContext, defineCapability } from "@kos/agent";
import Type from "typebox";
import { unifiedDiff } from "../../analysis/line-diff.ts";
import { ArtifactNameParam } from "../../artifact/artifact-name.ts";
import { ArtifactRefSchema, HashSchema } from "../../artifact/artifact-schema.ts";
import { Count } from "../../count-schema.ts";
import { MeasuredBySchema, measuredBy } from "../../measured-by.ts";
import { ReportBody } from "../../parts/report-parts.ts";
import { badParam } from "../../task-error.ts";
import { siteRecords } from "../site/site-lists.ts";
import { SiteSchema } from "../site/web-crawl.ts";
import { strict } from "../web-schema.ts";
import { type SiteChanges, siteChanges } from "./site-changes.ts";
import { readState, type SiteState, stateOf, writeState } from "./site-state.ts";
import { type Look, watchFacts, watchMarkdown } from "./watch-text.ts";

const TEN_MINUTES_MS = 600_000;
const MAX_DIFF_CHARS = 100_000;
const MAX_TITLE = 200;

const CompareInput = Type.Object(
  {
    site: SiteSchema,
    previous: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        title: "Last look",
        description: "The output of the last run; its state is read from it. Without it this is the first look.",
      }),
    ),
    previous_state: Type.Optional({
      ...HashSchema,
      title: "State of the last look",
      description: "The hash of its name.state.ndjson, instead of previous.",
    }),
    ignore: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        maxItems: 100,
        title: "Ignore",
        description: "Lines of a page that hold one of these texts are not compared.",
      }),
    ),
    title: Type.Optional(
      Type.String({ minLength: 1, maxLength: MAX_TITLE, title: "Title", description: "Default: the host of the site." }),
    ),
    name: ArtifactNameParam("changes", "The artifacts are called name.json and name.state.ndjson."),
  },
  { ...strict, title: "site.compare input" },
);

const CompareOutput = Type.Object(
  {
    title: Type.String({ title: "Title", "x-kos-type": "text.title" }),
    ...ReportBody,
    first: Type.Boolean({ title: "First look", description: "There was nothing to compare with." }),
    changed: Type.Boolean({ title: "Changed", description: "Whether a page came, went or reads differently." }),
    pages_total: Count("Pages", "Now."),
    previous_pages_total: Count("Pages before", "At the last look; 0 at the first."),
    added_total: Count("New pages", ""),
    removed_total: Count("Pages gone", ""),
    changed_total: Count("Pages changed", "In title or text."),
    unchanged_total: Count("Pages as before", ""),
    json: ArtifactRefSchema,
    state: ArtifactRefSchema,
    measured_by: MeasuredBySchema,
  },
  { title: "site.compare output", "x-kos-type": "report.parts" },
);

export const siteCompare = defineCapability({
  name: "site.compare",
  title: "Say what changed on a site",
  description:
    "Compares the pages of a crawl, which kept their text, with those of the last look: new, gone and changed pages with a readable difference. Writes a JSON artifact and the state for the next look. " +
    "Errors: BAD_REQUEST for a crawl without texts, a state that is none or one of another site.",
  input: CompareInput,
  output: CompareOutput,
  output_labels: ["untrusted"],
  timeout_ms: TEN_MINUTES_MS,
  async run(params, context) {
    const { site } = params;
    const name = params.name ?? "changes";
    const now = await stateOf(site.url, site.started_at, siteRecords(site.records, context.artifacts));
    const { before, notes } = await lastLook(params, context);
    const changes = await siteChanges(before ?? now, now, params.ignore ?? []);
    const title = params.title ?? new URL(site.url).host.slice(0, MAX_TITLE);
    const look: Look = { title, now, before, changes, complete: site.complete, notes };
    const json = await context.artifacts.put({
      name: `${name}.json`,
      media_type: "application/json",
      content: `${JSON.stringify(await lookData(look), undefined, 2)}\n`,
    });
    const state = await writeState(now, name, context.artifacts);
    const { added, removed, changed, unchanged } = changes;
    return {
      title,
      subtitle: `${before === undefined ? "First look at" : "Changes on"} ${site.url.slice(0, 300)}, ${now.taken_at.slice(0, 10)} ${now.taken_at.slice(11, 16)} UTC`,
      facts: [...watchFacts(look)],
      markdown: await watchMarkdown(look),
      charts: [],
      first: before === undefined,
      changed: added.length + removed.length + changed.length > 0,
      pages_total: now.pages.size,
      previous_pages_total: before?.pages.size ?? 0,
      added_total: added.length,
      removed_total: removed.length,
      changed_total: changed.length,
      unchanged_total: unchanged,
      json: { ...json },
      state: { ...state },
      measured_by: measuredBy(context, "site.compare"),
    };
  },
});

async function lastLook(
  params: Type.Static<typeof CompareInput>,
  { artifacts }: CapabilityContext,
): Promise<{ readonly before: SiteState | undefined; readonly notes: readonly string[] }> {
  const hash = params.previous_state ?? stateHash(params.previous);
  if (hash === undefined) return { before: undefined, notes: [] };
  const before = await readState(hash, params.previous_state === undefined ? "/previous" : "/previous_state", artifacts);
  if (before === undefined) return { before, notes: ["What the last look remembered is gone, so this counts as the first."] };
  if (new URL(before.url).host === new URL(params.site.url).host) return { before, notes: [] };
  throw badParam("/previous", `The last look was at ${before.url}.`, "Give the state of a look at the same site, or none.");
}

function stateHash(previous: Readonly<Record<string, unknown>> | undefined): string | undefined {
  if (previous === undefined) return undefined;
  const hash: unknown = (previous["state"] as { readonly hash?: unknown } | undefined)?.hash;
  if (typeof hash === "string" && /^sha256:[0-9a-f]{64}$/.test(hash)) return hash;
  throw badParam(
    "/previous",
    "It is no output of an earlier look: it holds no state.",
    "Give the output of the playbook's last run, or nothing.",
  );
}

async function lookData({ title, now, before, changes, complete, notes }: Look): Promise<Readonly<Record<string, unknown>>> {
  const pageOf = ({ url, title: pageTitle }: SiteChanges["added"][number]) => ({ url, title: pageTitle });
  const changed = await Promise.all(
    changes.changed.map(async ({ url, titleBefore, titleAfter, diff }) => ({
      url,
      title_before: titleBefore,
      title_after: titleAfter,
      added_lines: diff.addedLines,
      removed_lines: diff.removedLines,
      diff: (await unifiedDiff("page", diff.hunks)).slice(0, MAX_DIFF_CHARS).toWellFormed(),
    })),
  );
  return {
    report: "site-watch",
    format: 1,
    title,
    url: now.url,
    taken_at: now.taken_at,
    previous_at: before?.taken_at ?? null,
    complete,
    pages_total: now.pages.size,
    previous_pages_total: before?.pages.size ?? 0,
    added: changes.added.map(pageOf),
    removed: changes.removed.map(pageOf),
    changed,
    unchanged_total: changes.unchanged,
    notes,
  };
}
