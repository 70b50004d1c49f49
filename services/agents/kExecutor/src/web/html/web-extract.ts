// The capability web.extract: what a page says, as text and Markdown, and what it says of itself.

import { type CapabilityContext, defineCapability } from "@kos/agent";
import { decodeText } from "@kos/egress";
import Type from "typebox";
import { detectLanguage } from "../../analysis/language.ts";
import { ArtifactRefSchema } from "../../artifact/artifact-schema.ts";
import { Count } from "../../count-schema.ts";
import { openSource, readWhole, sourceOf } from "../../source/source.ts";
import { badParam } from "../../task-error.ts";
import { pageAddress } from "../address/page-address.ts";
import { strict, Text } from "../web-schema.ts";
import { type HtmlFacts, readHtmlFacts } from "./html-facts.ts";
import { type Readable, readableOf } from "./readable.ts";

const MAX_BYTES = 16_777_216;
const MAX_HTML_CHARS = 16_777_216;
/** Of the Markdown, and of the text; both have to fit into one envelope with the rest. */
const MAX_INLINE_CHARS = 131_072;
const MAX_LISTED = 500;
const MAX_METADATA = 100;
const FIVE_MINUTES_MS = 300_000;
const MAX_CONCURRENT = 8;

const pageSource = sourceOf(["html", "htm", "xhtml"]);

const ExtractInput = Type.Object(
  {
    html: Type.Optional(
      Type.String({
        maxLength: MAX_HTML_CHARS,
        title: "HTML",
        description: "The page itself.",
        "x-kos-type": "text.html",
        "x-kos-sink": "content",
      }),
    ),
    page: Type.Optional(
      Type.Object(
        {
          html: Type.Optional(Type.String({ maxLength: MAX_HTML_CHARS })),
          artifact: Type.Optional(ArtifactRefSchema),
          url: Type.Optional(Type.String({ maxLength: 8192 })),
        },
        {
          title: "Fetched page",
          description: "The output of web.fetch, as it is; its address is the one that links are resolved against.",
          "x-kos-type": "web.page",
          "x-kos-sink": "content",
        },
      ),
    ),
    path: pageSource.path,
    artifact: pageSource.artifact,
    url: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 8192,
        title: "Address of the page",
        description: "What relative links are resolved against. Without it they are left out. Nothing is fetched.",
        "x-kos-type": "url",
        "x-kos-sink": "content",
      }),
    ),
  },
  {
    ...strict,
    title: "web.extract input",
    description: "Exactly one of html, page, artifact and path.",
    anyOf: [{ required: ["html"] }, { required: ["page"] }, { required: ["artifact"] }, { required: ["path"] }],
  },
);

const ExtractOutput = Type.Object(
  {
    title: Type.String({
      title: "Title",
      description: "Of the article, else of the page; empty where there is none.",
      "x-kos-type": "text.title",
    }),
    byline: Text("By", "Who wrote it, as the page says; empty where it does not."),
    language: Text("Language", "Declared, else detected; empty where neither says."),
    description: Text("Description", "As the page gives it."),
    site_name: Text("Site", "As the page calls it."),
    published: Text("Published", "As the page says it."),
    canonical: Type.Optional(Text("Canonical address", "The address the page wants to be known by.")),
    is_article: Type.Boolean({ title: "Article found", description: "False: the text is of the whole page." }),
    markdown: Type.String({
      title: "Markdown",
      description:
        "Harmless: no raw HTML, no picture, links to http, https and mailto only. Cut where it is very long; the artifact has all of it.",
      "x-kos-type": "text.markdown",
    }),
    text: Type.String({ title: "Text", description: "The same without marks; cut likewise.", "x-kos-type": "text.plain" }),
    words: Count("Words", "In the text."),
    headings: Type.Array(Type.Object({ level: Type.Integer(), text: Type.String() }), {
      title: "Headings",
      description: "Of the page, the first 500.",
    }),
    links: Type.Array(Type.Object({ to: Type.String(), text: Type.String() }), {
      title: "Links",
      description: "Each target once, the first 500; see links_total.",
    }),
    links_total: Count("Links in all", "Every link to an http or https address."),
    images: Type.Array(Type.Object({ src: Type.String(), alt: Type.Optional(Type.String()) }), {
      title: "Images",
      description: "The first 500.",
    }),
    images_total: Count("Images in all", ""),
    metadata: Type.Record(Type.String(), Type.String(), {
      title: "Metadata",
      description: "The page's meta elements by name or property (OpenGraph, Dublin Core and others), in lower case; the first 100.",
    }),
    truncated: Type.Boolean({ title: "Cut", description: "Whether markdown and text are only the beginning." }),
    notes: Type.Array(Type.String(), { title: "Notes" }),
    artifact: Type.Optional(ArtifactRefSchema),
  },
  { title: "web.extract output", "x-kos-type": "doc.text" },
);

interface PageSource {
  readonly html: string;
  readonly notes: readonly string[];
}

export const webExtract = defineCapability({
  name: "web.extract",
  title: "Read a page",
  description:
    "Finds what a page says: the readable part as Markdown and text, title, author, language, links, images, headings, metadata. Nothing is run, nothing is fetched. " +
    "Errors: BAD_REQUEST without exactly one source or for one that is no text, FORBIDDEN, NOT_FOUND, TOO_LARGE above 16 MiB.",
  input: ExtractInput,
  output: ExtractOutput,
  effects: ["fs.read"],
  effectsOf: (params) => (params.path === undefined ? [] : ["fs.read"]),
  output_labels: ["untrusted"],
  timeout_ms: FIVE_MINUTES_MS,
  max_concurrent: MAX_CONCURRENT,
  async run(params, context) {
    const { html, notes } = await readSource(params, context);
    const address = params.page?.url ?? params.url;
    const base = address === undefined ? undefined : pageAddress(address, address);
    if (address !== undefined && base === undefined) {
      throw badParam("/url", "It is no http or https address.", "Give an absolute one, or leave it out.");
    }
    const facts = await readHtmlFacts(html, base ?? "about:blank");
    const readable = await readableOf(html, base);
    const isLong = Math.max(readable.markdown.length, readable.text.length) > MAX_INLINE_CHARS;
    const artifact = isLong
      ? await context.artifacts.put({ name: "page.md", media_type: "text/markdown; charset=utf-8", content: readable.markdown })
      : undefined;
    return {
      ...describe(facts, readable),
      language: facts.language || (await detected(readable.text)),
      ...(facts.canonical !== undefined && { canonical: facts.canonical }),
      is_article: readable.isArticle,
      markdown: beginning(readable.markdown),
      text: beginning(readable.text),
      words: readable.text.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*/gu)?.length ?? 0,
      headings: facts.headings.slice(0, MAX_LISTED).map((heading) => ({ ...heading })),
      links: facts.links.slice(0, MAX_LISTED).map(({ to, text }) => ({ to, text })),
      links_total: facts.linksTotal,
      images: facts.images.slice(0, MAX_LISTED).map(({ src, alt }) => ({ src, ...(alt !== undefined && { alt }) })),
      images_total: facts.imagesTotal,
      metadata: Object.fromEntries(Object.entries(facts.metadata).slice(0, MAX_METADATA)),
      truncated: isLong,
      notes: [
        ...notes,
        ...(readable.isCut || facts.excess !== undefined
          ? ["The page has more elements than any page needs; only its beginning was read."]
          : []),
      ],
      ...(artifact !== undefined && { artifact: { ...artifact } }),
    };
  },
});

function describe(facts: HtmlFacts, readable: Readable) {
  const line = (text: string | undefined) => (text ?? "").replace(/\s+/g, " ").trim().slice(0, 1000).toWellFormed();
  return {
    title: line(readable.title) || facts.title,
    byline: line(readable.byline ?? facts.metadata["author"]),
    description: facts.description,
    site_name: line(readable.siteName ?? facts.metadata["og:site_name"]),
    published: line(readable.publishedTime ?? facts.metadata["article:published_time"]),
  };
}

async function detected(text: string): Promise<string> {
  const { language, confidence } = await detectLanguage(text);
  return language !== "und" && confidence >= 0.5 ? language : "";
}

function beginning(text: string): string {
  return text.slice(0, MAX_INLINE_CHARS).toWellFormed();
}

async function readSource(params: Type.Static<typeof ExtractInput>, context: CapabilityContext): Promise<PageSource> {
  const { page, path } = params;
  const given = [params.html, page, params.artifact, path].filter((source) => source !== undefined).length;
  if (given !== 1) throw badParam("", `There are ${given} sources.`, "Give exactly one of html, page, artifact and path.");
  const html = params.html ?? page?.html;
  if (html !== undefined) return { html, notes: [] };
  const artifact = params.artifact ?? page?.artifact?.hash;
  if (page !== undefined && artifact === undefined)
    throw badParam("/page", "The page that was fetched is no HTML.", "For documents of other formats there is doc.extract.");
  await using source = await openSource(
    { ...(artifact !== undefined && { artifact }), ...(path !== undefined && { path }) },
    context,
    MAX_BYTES,
  );
  return decodePage(await readWhole(source), source.at);
}

function decodePage(bytes: Uint8Array, at: string): PageSource {
  const { text, charset, refuted } = decodeText(bytes, { essence: "text/html", charset: undefined });
  if (text.slice(0, 8000).includes("\u0000"))
    throw badParam(at, "It is no HTML but binary.", "For documents of other formats there is doc.extract.");
  const notes = refuted === undefined ? [] : [`The page is not in the charset ${refuted} that it declares; it was read as ${charset}.`];
  return { html: text, notes };
}
