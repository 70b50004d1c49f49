// The capability web.fetch: one page, with everything its answer says of itself.

import { type ArtifactRef, type CapabilityContext, defineCapability } from "@kos/agent";
import { type FetchResponse, headerValue } from "@kos/egress";
import { KosError } from "@kos/klp";
import Type from "typebox";
import { ArtifactRefSchema } from "../../artifact/artifact-schema.ts";
import { Count } from "../../count-schema.ts";
import { badParam } from "../../task-error.ts";
import { readHtmlFacts } from "../html/html-facts.ts";
import { MannersParams, RedirectSchema, strict, Text, TimeoutParam, UrlParam } from "../web-schema.ts";
import { type PageBody, readPageBody } from "./page-body.ts";
import type { WebAccess } from "./web-access.ts";

/** Of the text as JSON: the whole output has to fit into one KLP envelope, 1 MiB. */
const MAX_INLINE_BYTES = 524_288;
const DEFAULT_TIMEOUT_MS = 20_000;
const TIMEOUT_MARGIN_MS = 300_000;
const MAX_CONCURRENT = 16;
const ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

const FetchInput = Type.Object(
  {
    url: UrlParam("Address", "Absolute http or https URL, without credentials."),
    ...MannersParams,
    timeout_ms: TimeoutParam,
    max_bytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        title: "Most bytes",
        description: "A longer body is an error; at most egress.max_bytes, which is the default.",
      }),
    ),
    accept_language: Type.Optional(
      Type.String({
        pattern: "^[A-Za-z0-9*,;=. -]{1,200}$",
        title: "Languages",
        description: "Value of Accept-Language: de, en;q=0.5.",
        "x-kos-sink": "control",
      }),
    ),
    etag: Type.Optional(
      Type.String({
        pattern: '^(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"$',
        maxLength: 1000,
        title: "ETag",
        description: "What an earlier answer gave; if the page still has it, only not_modified comes back.",
        "x-kos-sink": "control",
      }),
    ),
    last_modified: Type.Optional(
      Type.String({
        pattern: "^[A-Za-z0-9:, +-]{1,100}$",
        title: "Last modified",
        description: "What an earlier answer gave, an HTTP date.",
        "x-kos-sink": "control",
      }),
    ),
    error_status: Type.Optional(
      Type.Enum(["fail", "give"] as const, {
        default: "fail",
        title: "Answers of 400 and above",
        description: "fail: an error with a code; give: the page that came with it.",
      }),
    ),
    save_as: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: "^(?!\\.{1,2}$)[^/\\\\\\x00-\\x1f]+$",
        title: "Save as",
        description:
          "Name of an artifact that takes the body as it came, decompressed. Without it bytes and what is over 512 KiB become one.",
      }),
    ),
  },
  { ...strict, title: "web.fetch input" },
);

const FetchOutput = Type.Object(
  {
    url: Type.String({ title: "Address", description: "The one that answered, after redirects.", "x-kos-type": "url" }),
    status: Type.Integer({ title: "Status" }),
    not_modified: Type.Boolean({ title: "Not modified", description: "The page is what it was; no body came." }),
    redirects: Type.Array(RedirectSchema, { title: "Redirects", description: "On the way, in their order." }),
    media_type: Text("Media type", "As declared, without parameters; empty where none is."),
    charset: Type.Optional(Text("Charset", "In which the text was read.")),
    title: Type.Optional(Type.String({ title: "Title", description: "Of an HTML page.", "x-kos-type": "text.title" })),
    language: Type.Optional(Text("Language", "As the page declares it.")),
    bytes: Count("Bytes", "Length of the body, decompressed."),
    wire_bytes: Count("Bytes received", "Length of the body as it came."),
    etag: Type.Optional(Text("ETag", "To be given the next time.")),
    last_modified: Type.Optional(Text("Last modified", "To be given the next time.")),
    html: Type.Optional(Type.String({ title: "HTML", description: "The body of an HTML page.", "x-kos-type": "text.html" })),
    text: Type.Optional(
      Type.String({ title: "Text", description: "The body where it is text other than HTML.", "x-kos-type": "text.plain" }),
    ),
    artifact: Type.Optional(ArtifactRefSchema),
    notes: Type.Array(Type.String(), { title: "Notes", description: "Where the answer was not what it claimed to be." }),
  },
  { title: "web.fetch output", "x-kos-type": "web.page" },
);
type FetchOutput = Type.Static<typeof FetchOutput>;

/**
 * Errors, beside those of the guard (POLICY_DENIED, TIMEOUT, TOO_LARGE, UNAVAILABLE): NOT_FOUND (404, 410), FORBIDDEN (401, 403), RATE_LIMITED
 * (429), BAD_REQUEST (another 4xx), UNAVAILABLE (5xx), unless `error_status` is give.
 */
export function webFetch(access: WebAccess) {
  return defineCapability({
    name: "web.fetch",
    title: "Fetch a page",
    description:
      "Fetches one page under the owner's egress rules and with manners: redirects are followed, the charset is found out, and what an answer says falsely of itself is noted. " +
      "Errors: POLICY_DENIED, TIMEOUT, TOO_LARGE, UNAVAILABLE, and by the status of the answer NOT_FOUND, FORBIDDEN, RATE_LIMITED, BAD_REQUEST or UNAVAILABLE.",
    input: FetchInput,
    output: FetchOutput,
    effects: ["net.read"],
    output_labels: ["untrusted"],
    timeout_ms: access.config.maxTimeoutMs + TIMEOUT_MARGIN_MS,
    max_concurrent: MAX_CONCURRENT,
    async run(params, context) {
      const response = await access.request(
        {
          url: params.url,
          method: "GET",
          headers: {
            accept: ACCEPT,
            ...(params.accept_language !== undefined && { "accept-language": params.accept_language }),
            ...(params.etag !== undefined && { "if-none-match": params.etag }),
            ...(params.last_modified !== undefined && { "if-modified-since": params.last_modified }),
          },
          timeoutMs: params.timeout_ms ?? DEFAULT_TIMEOUT_MS,
          ...(params.max_bytes !== undefined && { maxBytes: params.max_bytes }),
          manners: access.mannersFor(params.url, { delayMs: params.delay_ms, maxConcurrent: params.concurrency }),
        },
        context,
      );
      if (response.status === 304 && params.etag === undefined && params.last_modified === undefined) {
        throw new KosError("UNAVAILABLE", `${hostOf(response.url)} answered 304 to a request that named no earlier version.`);
      }
      if ((params.error_status ?? "fail") === "fail") refuseErrorStatus(response);
      return await present(response, params.save_as, context);
    },
  });
}

function refuseErrorStatus({ status, url }: FetchResponse): void {
  if (status < 400) return;
  const message = `${hostOf(url)} answered with status ${status}.`;
  const details = { status, url };
  if (status === 404 || status === 410) throw new KosError("NOT_FOUND", `${message} Check the address.`, { details });
  if (status === 401 || status === 403) throw new KosError("FORBIDDEN", `${message} The page is not open to everybody.`, { details });
  if (status === 429) throw new KosError("RATE_LIMITED", `${message} Try again later.`, { details });
  if (status >= 500) throw new KosError("UNAVAILABLE", `${message} Try again later.`, { details });
  throw badParam("/url", message, "With error_status: give, the page that came with it is given.", details);
}

async function present(response: FetchResponse, saveAs: string | undefined, context: CapabilityContext): Promise<FetchOutput> {
  const body = readPageBody(response);
  const facts = body.form === "html" && body.text !== undefined ? await readHtmlFacts(body.text, response.url) : undefined;
  const isInline = body.text !== undefined && Buffer.byteLength(JSON.stringify(body.text)) <= MAX_INLINE_BYTES;
  const artifact = saveAs !== undefined || !isInline ? await save(response, body, saveAs, context) : undefined;
  return {
    url: response.url,
    status: response.status,
    not_modified: response.status === 304,
    redirects: response.redirects.map((redirect) => ({ ...redirect })),
    media_type: body.mediaType,
    ...(body.charset !== undefined && { charset: body.charset }),
    ...(facts !== undefined && { title: facts.title, language: facts.language }),
    bytes: response.bytes.byteLength,
    wire_bytes: response.wireBytes,
    ...validators(response),
    ...(isInline && body.text !== undefined && { [body.form === "html" ? "html" : "text"]: body.text.toWellFormed() }),
    ...(artifact !== undefined && { artifact: { ...artifact } }),
    notes: notesOn(response, body),
  };
}

async function save(
  response: FetchResponse,
  body: PageBody,
  name: string | undefined,
  { artifacts }: CapabilityContext,
): Promise<ArtifactRef | undefined> {
  if (name === undefined && response.bytes.byteLength === 0) return undefined;
  const media_type = body.mediaType || "application/octet-stream";
  const usual = body.form === "html" ? "page.html" : body.form === "text" ? "page.txt" : "page.bin";
  return await artifacts.put({ name: name ?? usual, media_type, content: response.bytes });
}

function validators({ headers }: FetchResponse): Pick<FetchOutput, "etag" | "last_modified"> {
  const [etag, modified] = [headerValue(headers, "etag"), headerValue(headers, "last-modified")];
  return { ...(etag !== undefined && { etag }), ...(modified !== undefined && { last_modified: modified }) };
}

function notesOn(response: FetchResponse, { refuted, charset }: PageBody): string[] {
  const encoding = headerValue(response.headers, "content-encoding") ?? "";
  return [
    ...(refuted === undefined ? [] : [`The page is not in the declared charset ${refuted}; it was read as ${charset ?? ""}.`]),
    ...(response.decoded ? [] : [`The Content-Encoding ${encoding} is not one that was asked for; the body is as it came.`]),
  ];
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "The server";
}
