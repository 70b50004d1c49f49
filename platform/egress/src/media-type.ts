// Reads a Content-Type header leniently, as the web writes it.

export interface MediaType {
  /** `type/subtype` in lower case; empty where the header is missing or unreadable. */
  readonly essence: string;
  /** The charset parameter as it was written. */
  readonly charset: string | undefined;
}

export function parseMediaType(header: string | undefined): MediaType {
  const [first = "", ...parameters] = (header ?? "").split(";");
  const essence = first.trim().toLowerCase();
  let charset: string | undefined;
  for (const parameter of parameters) {
    const match = /^\s*charset\s*=\s*(?:"([^"]{1,60})"|'?([^\s"';]{1,60})'?)/i.exec(parameter);
    charset ??= match?.[1]?.trim() ?? match?.[2];
  }
  return { essence: /^[\w.+-]+\/[\w.+-]+$/.test(essence) ? essence : "", charset };
}

export function isJson({ essence }: MediaType): boolean {
  return essence === "application/json" || essence === "text/json" || essence.endsWith("+json");
}

export function isText({ essence }: MediaType): boolean {
  return essence.startsWith("text/") || essence.endsWith("+xml") || TEXT_TYPES.has(essence);
}

const TEXT_TYPES: ReadonlySet<string> = new Set([
  "application/xml",
  "application/javascript",
  "application/ecmascript",
  "application/x-javascript",
  "application/x-www-form-urlencoded",
  "application/x-ndjson",
  "application/jsonl",
  "application/yaml",
  "application/x-yaml",
  "application/toml",
  "application/sql",
  "application/graphql",
  "application/json5",
]);
