// The capability web.check_links: which links of a site, or of a list, lead nowhere.

import { type CapabilityContext, defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactRefSchema } from "../../artifact/artifact-schema.ts";
import { Count } from "../../count-schema.ts";
import { MeasuredBySchema, measuredBy } from "../../measured-by.ts";
import { badParam } from "../../task-error.ts";
import { pageAddress } from "../address/page-address.ts";
import type { WebAccess } from "../fetch/web-access.ts";
import { RESOURCE_KINDS } from "../html/html-facts.ts";
import { siteRecords } from "../site/site-lists.ts";
import { FAILURE_REASONS } from "../site/site-record.ts";
import { SiteSchema } from "../site/web-crawl.ts";
import { MannersParams, strict, TimeoutParam, UrlParam } from "../web-schema.ts";
import { createDeadList, type DeadLink } from "./dead-list.ts";
import { checkLinks } from "./link-checks.ts";
import { createLinkGraph, type LinkGraph } from "./link-graph.ts";
import type { LinkOutcome } from "./link-outcome.ts";

const ONE_HOUR_MS = 3_600_000;
const DEFAULT_TIMEOUT_MS = 20_000;
const DEFAULT_MAX_LINKS = 20_000;
const DEFAULT_MINUTES = 50;
const WORKERS = 24;
const MAX_CONCURRENT = 4;
const MAX_GIVEN_LINKS = 50_000;

const CheckInput = Type.Object(
  {
    site: Type.Optional(SiteSchema),
    links: Type.Optional(
      Type.Array(
        Type.Object(
          {
            from: Type.Optional(UrlParam("From", "The page the link stands on. A link on a public page does not lead inside.")),
            to: UrlParam("To", "Where it leads."),
          },
          strict,
        ),
        { maxItems: MAX_GIVEN_LINKS, title: "Links" },
      ),
    ),
    external: Type.Optional(
      Type.Boolean({
        default: true,
        title: "Check links to other sites",
        description: "False leaves them unchecked. Links within the site are always known.",
      }),
    ),
    resources: Type.Optional(
      Type.Boolean({
        default: true,
        title: "Check resources",
        description: "Also images, style sheets, scripts, frames and media of the site's pages.",
      }),
    ),
    max_links: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 200_000,
        default: DEFAULT_MAX_LINKS,
        title: "Most links",
        description: "Different addresses that are asked for at most; the rest stays unchecked.",
      }),
    ),
    ...MannersParams,
    timeout_ms: TimeoutParam,
    max_minutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 55,
        default: DEFAULT_MINUTES,
        title: "Most minutes",
        description: "What is not reached by then stays unchecked.",
      }),
    ),
  },
  {
    ...strict,
    title: "web.check_links input",
    description: "A site as web.crawl gave it, or a list of links.",
    anyOf: [{ required: ["site"] }, { required: ["links"] }],
  },
);

const NullableStatus = Type.Union([Type.Integer(), Type.Null()], {
  title: "Status",
  description: "Of the last answer; null where none came.",
});

const DeadLinkSchema = Type.Object(
  {
    from: Type.String({ title: "From", description: "The page; empty for a link of a list that names none." }),
    to: Type.String({ title: "To", description: "Where the link leads, without fragment and before any redirect." }),
    status: NullableStatus,
    reason: Type.Enum(FAILURE_REASONS, { title: "Reason", description: "status: the status says it." }),
    text: Type.Optional(Type.String({ title: "Text", description: "Of the link." })),
    kind: Type.Optional(Type.Enum(RESOURCE_KINDS, { title: "Kind", description: "Of a resource." })),
  },
  { ...strict, title: "Dead link" },
);

export const LinksSchema = Type.Object(
  {
    targets_total: Count("Targets", "Different addresses that links lead to."),
    asked_total: Count("Asked", "Addresses that were asked for here; all others were known from the crawl."),
    alive_total: Count("Alive", "Targets that answered with a status below 400, redirects followed."),
    restricted_total: Count("Restricted", "Targets that are not open to everybody: 401, 402, 403, 407, 451."),
    dead_targets_total: Count(
      "Dead targets",
      "Targets with another status of 400 and above, no such host, no connection, no answer in time or endless redirects.",
    ),
    dead_total: Count("Dead links", "Pairs of a page and a dead target, each once."),
    unchecked_total: Count(
      "Unchecked",
      "Targets of which nothing is known: not allowed by robots.txt or the egress rules, 429, no name server, over a limit.",
    ),
    unchecked: Type.Record(Type.String(), Type.Integer({ minimum: 0 }), { title: "Unchecked by reason" }),
    redirected_total: Count("Redirected links", "Pairs of a page and a target of the site that redirects."),
    recovered_total: Count("Recovered", "Targets that failed during the crawl and answered when they were asked again."),
    dead_links: Type.Array(DeadLinkSchema, { title: "Dead links", description: "The first 500, by page." }),
    broken_resources_total: Count("Broken resources", "Pairs of a page and a resource that is dead."),
    dead_list: ArtifactRefSchema,
    measured_by: MeasuredBySchema,
  },
  { title: "web.check_links output", "x-kos-type": "web.links" },
);
export type Links = Type.Static<typeof LinksSchema>;

export function webCheckLinks(access: WebAccess) {
  return defineCapability({
    name: "web.check_links",
    title: "Check links",
    description:
      "Says which links lead nowhere, with status and reason: those within a crawled site from its records, asked for a second time where they failed, all others by HEAD and then GET. " +
      "Errors: BAD_REQUEST for anything but a site or a list, NOT_FOUND when the site's records are gone, CANCELLED.",
    input: CheckInput,
    output: LinksSchema,
    effects: ["net.read"],
    output_labels: ["untrusted"],
    timeout_ms: ONE_HOUR_MS,
    max_concurrent: MAX_CONCURRENT,
    async run(params, context) {
      if ((params.site === undefined) === (params.links === undefined)) {
        throw badParam("", "There is not exactly one of site and links.", "Give the output of web.crawl as site, or a list as links.");
      }
      const graph = createLinkGraph();
      const source = sourceOf(params, context);
      for await (const record of source.records()) graph.add(record);
      const limits = { maxLinks: params.max_links ?? DEFAULT_MAX_LINKS, external: params.external ?? true };
      const plan = await planChecks(source, graph, limits);
      const asked = await checkLinks(plan.targets, plan.doubted, {
        access,
        context,
        wish: { delayMs: params.delay_ms, maxConcurrent: params.concurrency },
        timeoutMs: params.timeout_ms ?? DEFAULT_TIMEOUT_MS,
        workers: WORKERS,
        maxTimeMs: (params.max_minutes ?? DEFAULT_MINUTES) * 60_000,
      });
      return await summarize({ source, graph, asked, plan, context });
    },
  });
}

interface LinkAt {
  readonly from: string;
  readonly to: string;
  readonly text?: string;
  readonly kind?: DeadLink["kind"];
}

interface LinkSource {
  records(): ReturnType<typeof siteRecords>;
  links(): AsyncGenerator<LinkAt>;
}

function sourceOf({ site, links, resources }: Type.Static<typeof CheckInput>, { artifacts }: CapabilityContext): LinkSource {
  const records = () => siteRecords(site?.records ?? [], artifacts);
  return {
    records,
    async *links() {
      for (const [index, { from, to }] of (links ?? []).entries()) {
        const address = pageAddress(to, to);
        if (address === undefined) throw badParam(`/links/${index}/to`, "It is no http or https address.", "Give an absolute one.");
        yield { from: from ?? "", to: address };
      }
      for await (const record of records()) {
        if (record.kind !== "page") continue;
        for (const { to, text } of record.links) yield { from: record.url, to, text };
        if (resources ?? true) for (const { to, kind } of record.resources) yield { from: record.url, to, kind };
      }
    },
  };
}

interface CheckPlan {
  /** What is to be asked for, with a page that links to it. */
  readonly targets: ReadonlyMap<string, string | undefined>;
  /** Targets that stay unchecked, and why. */
  readonly left: ReadonlyMap<string, LinkOutcome>;
  /** Targets the crawl saw fail. */
  readonly doubted: ReadonlySet<string>;
}

async function planChecks(
  source: LinkSource,
  graph: LinkGraph,
  limits: { readonly maxLinks: number; readonly external: boolean },
): Promise<CheckPlan> {
  const targets = new Map<string, string | undefined>();
  const left = new Map<string, LinkOutcome>();
  const doubted = new Set<string>();
  for await (const { from, to, kind } of source.links()) {
    const { address, outcome } = graph.endOf(to);
    if (targets.has(address) || left.has(address)) continue;
    const isFailed = outcome?.state === "dead" && outcome.reason !== "redirect_loop";
    if (outcome !== undefined && !isFailed) continue;
    if (isFailed) doubted.add(address);
    const isForeign = outcome === undefined && kind === undefined;
    if (isForeign && !limits.external) left.set(address, { state: "unchecked", status: null, reason: "external" });
    else if (targets.size >= limits.maxLinks) left.set(address, { state: "unchecked", status: null, reason: "limit" });
    else targets.set(address, from === "" ? undefined : from);
  }
  return { targets, left, doubted };
}

interface Findings {
  readonly source: LinkSource;
  readonly graph: LinkGraph;
  readonly asked: ReadonlyMap<string, LinkOutcome>;
  readonly plan: CheckPlan;
  readonly context: CapabilityContext;
}

const UNKNOWN: LinkOutcome = { state: "unchecked", status: null, reason: "limit" };

async function summarize({ source, graph, asked, plan, context }: Findings): Promise<Links> {
  const ends = new Map<string, LinkOutcome>();
  const dead = createDeadList();
  let redirectedTotal = 0;
  for await (const { from, to, text, kind } of source.links()) {
    const end = graph.endOf(to);
    const outcome = asked.get(end.address) ?? plan.left.get(end.address) ?? end.outcome ?? UNKNOWN;
    if (kind === undefined) {
      ends.set(to, outcome);
      if (end.redirected && outcome.state === "alive") redirectedTotal += 1;
    }
    if (outcome.state === "dead") dead.add({ from, to, ...(text && { text }), ...(kind && { kind }) }, outcome);
  }
  const states = Object.groupBy(ends.values(), ({ state }) => state);
  const unchecked: Record<string, number> = {};
  for (const { reason = "limit" } of states.unchecked ?? []) unchecked[reason] = (unchecked[reason] ?? 0) + 1;
  const recovered = [...plan.doubted].filter((address) => asked.get(address)?.state === "alive").length;
  return {
    targets_total: ends.size,
    asked_total: asked.size,
    alive_total: states.alive?.length ?? 0,
    restricted_total: states.restricted?.length ?? 0,
    dead_targets_total: states.dead?.length ?? 0,
    unchecked_total: states.unchecked?.length ?? 0,
    unchecked,
    redirected_total: redirectedTotal,
    recovered_total: recovered,
    ...(await dead.finish(context.artifacts)),
    measured_by: measuredBy(context, "web.check_links"),
  };
}
