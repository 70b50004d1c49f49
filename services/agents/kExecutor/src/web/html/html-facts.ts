// What a page says of itself and where it leads: title, headings, links, resources, metadata and its text in lines. From the tags alone.

import { MAX_ADDRESS_CHARS, pageAddress } from "../address/page-address.ts";
import { BLOCK_ELEMENTS, FRAME_ELEMENTS, HEADING, SILENT_ELEMENTS } from "./html-names.ts";
import { type HtmlExcess, walkHtml } from "./html-walk.ts";

interface HtmlLink {
  /** Absolute, without fragment; see pageAddress. */
  readonly to: string;
  /** Of the first one that leads there. */
  readonly text: string;
  readonly rel: string;
  /** How many links of the page lead there. */
  readonly count: number;
}

export const RESOURCE_KINDS = ["image", "stylesheet", "script", "frame", "media"] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

export interface HtmlFacts {
  /** White space made plain; empty where there is none. */
  readonly title: string;
  readonly language: string;
  readonly description: string;
  readonly canonical: string | undefined;
  /** Content of `<meta name="robots">`, lower case. */
  readonly robots: string;
  /** Where `<meta http-equiv="refresh">` leads to. */
  readonly refresh: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly headings: readonly { readonly level: number; readonly text: string }[];
  /** Each target once, in the order of the page; http and https only. */
  readonly links: readonly HtmlLink[];
  /** `<a>` and `<area>` with an http or https target, each one counted. */
  readonly linksTotal: number;
  readonly images: readonly { readonly src: string; readonly alt: string | undefined }[];
  readonly imagesTotal: number;
  readonly imagesWithoutAlt: number;
  readonly resources: readonly { readonly to: string; readonly kind: ResourceKind }[];
  /** The text of the page, a block a line, without what stands around the content; all of it where that would leave next to nothing. */
  readonly text: string;
  readonly excess: HtmlExcess | undefined;
}

const MAX_TEXT_CHARS = 1_000_000;
const MAX_LINKS = 20_000;
const MAX_LISTED = 5000;
const MAX_METADATA = 200;
const MAX_VALUE_CHARS = 2000;
const MAX_LABEL_CHARS = 300;
/** A page whose content is shorter than that has it in the wrong place, and all text counts. */
const LEAST_CONTENT_CHARS = 25;

export async function readHtmlFacts(html: string, address: string): Promise<HtmlFacts> {
  const reader = createFactReader(address);
  const excess = await walkHtml(html, reader);
  return { ...reader.facts(), excess };
}

function createFactReader(address: string) {
  const links = new Map<string, { text: string; rel: string; count: number }>();
  const resources = new Map<string, ResourceKind>();
  const headings: { level: number; text: string }[] = [];
  const images: { src: string; alt: string | undefined }[] = [];
  const metadata = new Map<string, string>();
  const [content, around] = [createLines(), createLines()];
  let base = address;
  let title: string | undefined;
  let titleText: string | undefined;
  let language = "";
  let canonical: string | undefined;
  let refresh: string | undefined;
  let linksTotal = 0;
  let imagesTotal = 0;
  let imagesWithoutAlt = 0;
  /** Elements that are open and change what text means. */
  let silent = 0;
  let frames = 0;
  let graphics = 0;
  let heading: { level: number; text: string } | undefined;
  let label: { text: string } | undefined;

  function addLink(attributes: Readonly<Record<string, string>>): void {
    label = undefined;
    const to = attributes["href"] === undefined ? undefined : pageAddress(attributes["href"], base);
    if (to === undefined || to === "") return;
    linksTotal += 1;
    const known = links.get(to);
    if (known !== undefined) known.count += 1;
    else if (links.size < MAX_LINKS) {
      label = { text: "" };
      links.set(to, Object.assign(label, { rel: clip((attributes["rel"] ?? "").toLowerCase(), MAX_LABEL_CHARS), count: 1 }));
    }
  }

  function addResource(href: string | undefined, kind: ResourceKind): void {
    const to = href === undefined || href.trim() === "" ? undefined : pageAddress(href, base);
    if (to !== undefined && resources.size < MAX_LISTED && !resources.has(to)) resources.set(to, kind);
  }

  function addImage(attributes: Readonly<Record<string, string>>): void {
    imagesTotal += 1;
    if (attributes["alt"] === undefined) imagesWithoutAlt += 1;
    const src = attributes["src"];
    addResource(src, "image");
    const to = src === undefined ? undefined : pageAddress(src, base);
    if (to !== undefined && images.length < MAX_LISTED) images.push({ src: to, alt: mapped(attributes["alt"], plainLine) });
  }

  function addMeta(attributes: Readonly<Record<string, string>>): void {
    const value = attributes["content"];
    if (value === undefined) return;
    if (attributes["http-equiv"]?.toLowerCase() === "refresh") {
      const target = /^\s*\d*(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)/i.exec(value.slice(0, MAX_ADDRESS_CHARS))?.[1];
      refresh ??= target === undefined ? undefined : pageAddress(target, base);
    }
    const name = (attributes["property"] ?? attributes["name"] ?? attributes["itemprop"])?.trim().toLowerCase();
    if (name === undefined || !/^[a-z][\w:.-]{0,99}$/.test(name) || metadata.has(name) || metadata.size >= MAX_METADATA) return;
    metadata.set(name, plainLine(value, MAX_VALUE_CHARS));
  }

  function addLinkElement(attributes: Readonly<Record<string, string>>): void {
    const rel = (attributes["rel"] ?? "").toLowerCase().split(/\s+/);
    const href = attributes["href"];
    if (rel.includes("canonical") && href !== undefined) canonical ??= pageAddress(href, base);
    if (rel.includes("stylesheet")) addResource(href, "stylesheet");
    else if (rel.includes("icon")) addResource(href, "image");
  }

  return {
    open(name: string, attributes: Readonly<Record<string, string>>) {
      if (BLOCK_ELEMENTS.has(name)) (frames > 0 ? around : content).end();
      if (name === "svg") graphics += 1;
      if (name === "html") language ||= clip(attributes["lang"] ?? attributes["xml:lang"] ?? "", 35).trim();
      if (name === "base" && base === address && attributes["href"] !== undefined) base = pageAddress(attributes["href"], address) ?? base;
      if (name === "title" && graphics === 0 && silent === 0 && title === undefined) titleText = "";
      if (name === "meta") addMeta(attributes);
      if (name === "link") addLinkElement(attributes);
      if (name === "script") addResource(attributes["src"], "script");
      if (name === "iframe" || name === "frame") addResource(attributes["src"], "frame");
      if (name === "video" || name === "audio" || name === "source") addResource(attributes["src"], "media");
      if (SILENT_ELEMENTS.has(name)) silent += 1;
      if (FRAME_ELEMENTS.has(name)) frames += 1;
      if (name === "img" && isShown()) addImage(attributes);
      if ((name === "a" || name === "area") && isShown()) addLink(attributes);
      if (HEADING.test(name)) heading = { level: Number(name[1]), text: "" };
    },
    text(text: string) {
      if (titleText !== undefined) {
        if (titleText.length < MAX_VALUE_CHARS) titleText += text;
        return;
      }
      if (silent > 0) return;
      (frames > 0 ? around : content).add(text);
      if (heading !== undefined && heading.text.length < MAX_VALUE_CHARS) heading.text += text;
      if (label !== undefined && label.text.length < MAX_VALUE_CHARS) label.text += text;
    },
    close(name: string) {
      if (BLOCK_ELEMENTS.has(name)) (frames > 0 ? around : content).end();
      if (name === "title" && titleText !== undefined) {
        title = plainLine(titleText);
        titleText = undefined;
      }
      if (name === "svg") graphics -= 1;
      if (name === "a") label = undefined;
      if (SILENT_ELEMENTS.has(name)) silent -= 1;
      if (FRAME_ELEMENTS.has(name)) frames -= 1;
      if (heading !== undefined && HEADING.test(name)) {
        const text = plainLine(heading.text);
        if (headings.length < MAX_LISTED) headings.push({ level: heading.level, text });
        heading = undefined;
      }
    },
    facts(): Omit<HtmlFacts, "excess"> {
      const lines = content.lines();
      const isBare = lines.reduce((sum, line) => sum + line.length, 0) < LEAST_CONTENT_CHARS;
      return {
        title: title ?? plainLine(titleText ?? ""),
        language,
        description: metadata.get("description") ?? metadata.get("og:description") ?? "",
        canonical,
        robots: (metadata.get("robots") ?? "").toLowerCase(),
        refresh,
        metadata: Object.fromEntries(metadata),
        headings,
        links: [...links].map(([to, { text, rel, count }]) => ({ to, text: plainLine(text, MAX_LABEL_CHARS), rel, count })),
        linksTotal,
        images,
        imagesTotal,
        imagesWithoutAlt,
        resources: [...resources].map(([to, kind]) => ({ to, kind })),
        text: (isBare ? [...lines, ...around.lines()] : lines).join("\n"),
      };
    },
  };

  /** A link in a template is none. */
  function isShown(): boolean {
    return silent === 0;
  }
}

interface Lines {
  add(text: string): void;
  end(): void;
  lines(): readonly string[];
}

function createLines(): Lines {
  const done: string[] = [];
  let open = "";
  let length = 0;
  const end = () => {
    const line = open === "" ? "" : plainLine(open, MAX_TEXT_CHARS);
    open = "";
    if (line !== "") done.push(line);
  };
  return {
    add(text) {
      if (length >= MAX_TEXT_CHARS) return;
      length += text.length;
      open += text;
    },
    end,
    lines() {
      end();
      return done;
    },
  };
}

/** One line: runs of white space become a space, what is left over the limit goes. */
function plainLine(text: string, maxChars = MAX_VALUE_CHARS): string {
  return clip(text.replace(/[\s\u00a0]+/g, " ").trim(), maxChars);
}

function clip(text: string, maxChars: number): string {
  const cut = text.length > maxChars ? text.slice(0, maxChars) : text;
  return cut.isWellFormed() ? cut : cut.toWellFormed();
}

function mapped<From, To>(value: From | undefined, map: (value: From) => To): To | undefined {
  return value === undefined ? undefined : map(value);
}
