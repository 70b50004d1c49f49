// The owner's egress settings: their schema as written in system_config.json and the resolved, validated form the guard works with.

import { KosError } from "@kos/klp";
import Type from "typebox";
import { Errors } from "typebox/value";
import { hostKey, parseHostEntry } from "./host-entry.ts";

const strict = { additionalProperties: false } as const;
const MAX_ENTRIES = 1000;
const HostList = Type.Union([Type.String(), Type.Array(Type.String({ maxLength: 300 }), { maxItems: MAX_ENTRIES })]);

/** Lists may also be one comma-separated string, which is how the environment gives them. */
const EgressSchema = Type.Object(
  {
    /** `host:port` each. Opens that host and port, private addresses included. */
    allow_hosts: Type.Optional(HostList),
    /** Hosts that honour `Idempotency-Key`: `host`, `host:port` or either with `=seconds`, for how long they remember a key. */
    idempotent_hosts: Type.Optional(HostList),
    /** Ports open on public addresses. */
    ports: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), { maxItems: 100 })),
    /** The most a response body may hold, on the wire and decompressed. */
    max_bytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_073_741_824 })),
    max_header_bytes: Type.Optional(Type.Integer({ minimum: 1024, maximum: 1_048_576 })),
    max_url_length: Type.Optional(Type.Integer({ minimum: 64, maximum: 65_536 })),
    max_redirects: Type.Optional(Type.Integer({ minimum: 0, maximum: 5 })),
    /** Overall, redirects included, when the request names none. */
    timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600_000 })),
    /** The longest a request may ask for. */
    max_timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600_000 })),
    connect_timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 600_000 })),
    /** From the request being sent to the end of the response's headers. */
    headers_timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 600_000 })),
    /** Between two pieces of the body. */
    idle_timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 600_000 })),
    user_agent: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: "^[\\x20-\\x7e]+$" })),
  },
  strict,
);
export type EgressInput = Type.Static<typeof EgressSchema>;

export interface EgressConfig {
  /** Keys as `hostKey` writes them. */
  readonly allowHosts: ReadonlySet<string>;
  /** Host, or host key where a port was given, to how long a key is remembered there. */
  readonly idempotentHosts: ReadonlyMap<string, number>;
  readonly ports: ReadonlySet<number>;
  readonly maxBytes: number;
  readonly maxHeaderBytes: number;
  readonly maxUrlLength: number;
  readonly maxRedirects: number;
  readonly timeoutMs: number;
  readonly maxTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly userAgent: string;
}

const DEFAULT_LIFETIME_S = 86_400;
const MAX_LIFETIME_S = 365 * 86_400;

/** Errors: BAD_REQUEST with every problem in `details.problems`, each with its path under `egress`. */
export function resolveEgressConfig(input: unknown = {}): EgressConfig {
  const shape = Errors(EgressSchema, input);
  if (shape.length > 0) throw configError(shape.map((error) => `egress${error.instancePath.replaceAll("/", ".")}: ${error.message}`));
  const given = input as EgressInput;
  const problems: string[] = [];
  const timeoutMs = given.timeout_ms ?? 30_000;
  const maxTimeoutMs = given.max_timeout_ms ?? Math.max(120_000, timeoutMs);
  if (timeoutMs > maxTimeoutMs) problems.push(`egress.timeout_ms: ${timeoutMs} is above egress.max_timeout_ms, ${maxTimeoutMs}`);
  const config: EgressConfig = {
    allowHosts: readAllowHosts(listOf(given.allow_hosts), problems),
    idempotentHosts: readIdempotentHosts(listOf(given.idempotent_hosts), problems),
    ports: new Set(given.ports ?? [80, 443]),
    maxBytes: given.max_bytes ?? 10_485_760,
    maxHeaderBytes: given.max_header_bytes ?? 32_768,
    maxUrlLength: given.max_url_length ?? 8192,
    maxRedirects: given.max_redirects ?? 5,
    timeoutMs,
    maxTimeoutMs,
    connectTimeoutMs: given.connect_timeout_ms ?? 10_000,
    headersTimeoutMs: given.headers_timeout_ms ?? 20_000,
    idleTimeoutMs: given.idle_timeout_ms ?? 10_000,
    userAgent: given.user_agent ?? "kOS",
  };
  if (problems.length > 0) throw configError(problems);
  return config;
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  if (typeof value !== "string") return value;
  return value
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

function readAllowHosts(entries: readonly string[], problems: string[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const [index, text] of entries.entries()) {
    const entry = parseHostEntry(text);
    if (entry?.port === undefined) {
      problems.push(
        `egress.allow_hosts.${index}: "${text}" is not one host:port; write for example "192.168.1.20:11434" or "[fd12::1]:8080"`,
      );
      continue;
    }
    keys.add(hostKey(entry.host, entry.port));
  }
  return keys;
}

function readIdempotentHosts(entries: readonly string[], problems: string[]): ReadonlyMap<string, number> {
  const lifetimes = new Map<string, number>();
  for (const [index, text] of entries.entries()) {
    const [hostText = "", secondsText, ...rest] = text.split("=");
    const entry = parseHostEntry(hostText);
    const lifetimeS = secondsText === undefined ? DEFAULT_LIFETIME_S : Number(secondsText.trim() || Number.NaN);
    if (entry === undefined || rest.length > 0 || !Number.isInteger(lifetimeS) || lifetimeS < 1 || lifetimeS > MAX_LIFETIME_S) {
      problems.push(
        `egress.idempotent_hosts.${index}: "${text}" is not host, host:port or host=seconds; write for example "api.example.com=86400"`,
      );
      continue;
    }
    lifetimes.set(entry.port === undefined ? entry.host : hostKey(entry.host, entry.port), lifetimeS * 1000);
  }
  return lifetimes;
}

function configError(problems: readonly string[]): KosError {
  return new KosError("BAD_REQUEST", `The egress configuration is not valid. ${problems.join("; ")}`, { details: { problems } });
}
