// The schema of the node's configuration, one for every layer. The defaults written here are the built-in layer.

import type { Static, TSchema } from "typebox";
import Type from "typebox";
import { SECRET_PATTERN, type SecretRef } from "./secret-ref.ts";

/** Marks a string that is written `vault:<id>` and handed on as a SecretRef. */
export const SECRET_KEYWORD = "x-kos-secret";

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
const AGENT_CLASSES = ["kCore", "kPlanner", "kExecutor", "kReviewer", "kSentinel", "kMemory", "kPersona", "kBridge"] as const;

const HOST_PORT = "^(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$";
const IDEMPOTENT_HOST = "^(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(=[1-9][0-9]{0,7})?$";
const HOST = "^[A-Za-z0-9.:-]+$";
const CAPABILITY_NAME = "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$";
const AGENT_NAME = "^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$";
const SECRET_NAME = "^[A-Za-z][A-Za-z0-9_.-]{0,63}$";
const MIB = 1_048_576;
const MAX_DAYS = 36_500;

function section<Properties extends Record<string, TSchema>>(description: string, properties: Properties) {
  return Type.Object(properties, { additionalProperties: false, description });
}

function flag(value: boolean, description: string) {
  return Type.Boolean({ default: value, description });
}

function count(value: number, minimum: number, maximum: number, description: string) {
  return Type.Integer({ default: value, minimum, maximum, description });
}

function list(pattern: string, description: string) {
  return Type.Array(Type.String({ pattern, maxLength: 512 }), { default: [], maxItems: 1000, description });
}

const secret = Type.Unsafe<SecretRef>({
  type: "string",
  pattern: SECRET_PATTERN,
  [SECRET_KEYWORD]: true,
  description: "A secret in the vault, written vault:<id>. Never in clear.",
});

const CapabilityLimits = section("Bounds of one capability.", {
  max_concurrent: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: "Calls in flight at once on this node." })),
  timeout_ms: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 2_592_000_000, description: "Longest run of one attempt, in milliseconds." }),
  ),
});

/** What `config/agents/<kClass>/<name>.json` holds. */
export const AgentConfigSchema = section("One agent.", {
  enabled: Type.Optional(Type.Boolean({ description: "False: the agent is not started, and nobody offers what only it can." })),
  max_tasks: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, description: "Calls in flight at once; never more than its processes hold." }),
  ),
  timeout_ms: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 2_592_000_000, description: "Longest run of one attempt, in milliseconds." }),
  ),
  memory_mb: Type.Optional(Type.Integer({ minimum: 64, maximum: 1_048_576, description: "Memory of its process, in MiB." })),
  secrets: Type.Optional(
    Type.Record(Type.String({ pattern: SECRET_NAME }), secret, {
      description: "Secret names of its manifest, and where each lies in the vault. Not used as long as the node has no vault.",
    }),
  ),
});

const agentsOfClass = Type.Optional(
  Type.Record(Type.String({ pattern: AGENT_NAME }), AgentConfigSchema, { description: "Agents by name." }),
);

export const ConfigSchema = section("Configuration of a kOS node.", {
  toggles: section("Switches for whole functions.", {
    metrics: flag(true, "Serve /metrics."),
    openapi: flag(true, "Serve /openapi.json."),
    discovery: flag(true, "Serve /.well-known/klp.json."),
  }),
  logging: section("Logs of the node and of its child processes.", {
    level: Type.Enum([...LOG_LEVELS], { default: "info", description: "The least severe level that is kept." }),
    max_file_bytes: count(64 * MIB, MIB, 1024 * MIB, "A log file is closed and a new one begun at this size."),
    max_files: count(8, 1, 1000, "Closed log files kept; the oldest goes first."),
  }),
  theme: section("Looks of the console.", {
    mode: Type.Enum(["system", "light", "dark"], { default: "system", description: "Follow the system, or always light or dark." }),
    contrast: Type.Enum(["normal", "high"], { default: "normal", description: "Contrast of text and controls." }),
  }),
  listen: section("Where the node listens.", {
    host: Type.String({ default: "localhost", pattern: HOST, description: "Host name or address. Loopback unless allow_remote." }),
    port: count(3000, 0, 65_535, "TCP port; 0 takes a free one."),
    allow_remote: flag(false, "Allow a host that other machines can reach. Needs tls or behind_proxy."),
    allowed_hosts: list(HOST, "Further names that requests may carry in their Host header."),
    allowed_origins: list("^https?://[^/\\s]+$", "Further origins that browsers may call from, exact."),
    trusted_proxies: list("^[0-9a-fA-F.:/]+$", "Addresses or CIDR ranges whose X-Forwarded headers are believed."),
    behind_proxy: flag(false, "A reverse proxy in front ends TLS."),
    tls: Type.Optional(
      section("Certificate for TLS.", {
        cert_file: Type.String({ minLength: 1, description: "PEM file with the certificate chain." }),
        key_file: Type.String({ minLength: 1, description: "PEM file with the private key; readable by its owner only." }),
      }),
    ),
  }),
  content_origin: section("Origin of untrusted content (previews, plugin pages). Another host name and port than the console's.", {
    host: Type.String({ default: "127.0.0.1", pattern: HOST, description: "Host name or address." }),
    port: count(3001, 0, 65_535, "TCP port; 0 takes a free one."),
  }),
  egress: section("Calls to the outside.", {
    allow_hosts: list(HOST_PORT, "Private or local addresses that may be called, host:port each."),
    idempotent_hosts: list(
      IDEMPOTENT_HOST,
      "Hosts that honour Idempotency-Key: host or host:port, with =seconds where the key lives other than 24 hours.",
    ),
    ports: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), {
        maxItems: 100,
        description: "Ports open on public addresses; 80 and 443 when absent.",
      }),
    ),
    timeout_ms: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 3_600_000,
        description: "Longest wait for one response, redirects included, when the request names none.",
      }),
    ),
    max_timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600_000, description: "The longest wait a request may ask for." })),
    max_bytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024 * MIB, description: "A response body is cut off at this size." })),
    max_redirects: Type.Optional(Type.Integer({ minimum: 0, maximum: 5, description: "Redirects followed." })),
    user_agent: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, pattern: "^[\\x20-\\x7e]+$", description: "What requests call themselves." }),
    ),
  }),
  fs: section("Files that agents may read.", {
    roots: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
      default: [],
      maxItems: 1000,
      description: "Absolute folders open to requests over the network. The command line grants its own paths by itself.",
    }),
  }),
  workers: section("Child processes that run tasks.", {
    count: count(2, 1, 256, "At most this many at once."),
    idle_ms: count(60_000, 100, 86_400_000, "An idle one is ended after this time."),
    memory_mb: count(512, 64, 1_048_576, "Heap of one process, in MiB."),
    grace_ms: count(5_000, 0, 600_000, "Time between asking a task to stop and killing its process."),
  }),
  engine: section("How patient the engine is, and how much it keeps in memory.", {
    lease_ms: count(30_000, 1_000, 3_600_000, "A call whose agent is not heard of for this long is given up."),
    cancel_grace_ms: count(10_000, 0, 600_000, "Time a call has to end after it was asked to stop; then it is given up."),
    review_timeout_ms: count(120_000, 1_000, 86_400_000, "Longest wait for a reviewer."),
    breaker_threshold: count(10, 1, 1_000_000, "Failures in a row after which a capability is not called for a while."),
    breaker_open_ms: count(10_000, 100, 86_400_000, "How long; then one call probes it."),
    sweep_every_ms: count(5_000, 100, 600_000, "Time between two looks for work that a lost hint left lying."),
    resident_plans: count(5_000, 1, 1_000_000, "Plans kept in memory although they only wait; further ones are read back from the log."),
  }),
  limits: section("Bounds on what comes in.", {
    body_bytes: count(MIB, 1024, 64 * MIB, "Largest JSON body of a request."),
    upload_bytes: count(256 * MIB, 1, 1_048_576 * MIB, "Largest artifact."),
    artifact_quota_bytes: count(20_480 * MIB, 1, Number.MAX_SAFE_INTEGER, "All artifacts of one tenant together."),
    plan_tasks: count(20_000, 1, 20_000, "Tasks in one plan, with those that are added to it later."),
    open_plans: count(
      10_000,
      1,
      1_000_000,
      "Plans that have not ended; a further one is refused with Retry-After. Firings of schedules are not.",
    ),
    requests_per_s: count(1000, 1, 100_000, "Requests of one caller a second, over time; bursts may be five times that."),
    capabilities: Type.Record(Type.String({ pattern: CAPABILITY_NAME }), CapabilityLimits, {
      default: {},
      description:
        "Bounds by capability, over what its manifest and a plan say. What the engine does itself (timers, questions to a person) has none.",
    }),
  }),
  retention: section("How long things are kept.", {
    logs_days: count(14, 1, MAX_DAYS, "Log records."),
    plan_days: count(90, 1, MAX_DAYS, "Plans that have ended. Each is written into the archive as evidence, verified, then removed."),
    store_bytes: count(
      20_480 * MIB,
      MIB,
      Number.MAX_SAFE_INTEGER,
      "Size of the database beyond which plans that have ended go before their time, oldest first.",
    ),
    archive_days: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_DAYS, description: "Evidence files in the archive. Absent: for ever." }),
    ),
    artifacts_ephemeral_hours: count(24, 1, 24 * MAX_DAYS, "Artifacts kept as ephemeral."),
    artifacts_session_days: count(7, 1, MAX_DAYS, "Artifacts kept as session."),
    artifacts_standard_days: count(90, 1, MAX_DAYS, "Artifacts kept as standard."),
  }),
  audit: section("The audit trail.", {
    checkpoint_path: Type.Optional(
      Type.String({ minLength: 1, maxLength: 4096, description: "A file outside the data folder that gets every signed head of the log." }),
    ),
  }),
  drivers: section("Which technology stands behind each port.", {
    store: Type.Enum(["sqlite"], { default: "sqlite", description: "Event log and tables." }),
    bus: Type.Enum(["in_process"], { default: "in_process", description: "Broadcasts." }),
    queue: Type.Enum(["store"], { default: "store", description: "Task hints." }),
    blobs: Type.Enum(["files"], { default: "files", description: "Artifact bytes." }),
  }),
  profile: section("The person this node belongs to.", {
    name: Type.String({ default: "", maxLength: 200, description: "How to call you." }),
    locale: Type.String({ default: "en", pattern: "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", description: "BCP 47 language tag." }),
    time_zone: Type.String({ default: "UTC", pattern: "^[A-Za-z0-9_+/-]+$", description: "IANA time zone." }),
  }),
  agents: section(
    "Agents by class and name; config/agents/<kClass>/<name>.json lies here.",
    Object.fromEntries(AGENT_CLASSES.map((name) => [name, agentsOfClass])) as Record<(typeof AGENT_CLASSES)[number], typeof agentsOfClass>,
  ),
});

type DeepReadonly<T> = T extends SecretRef
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
      : T;

/** The whole configuration, every default filled in. Frozen. */
export type KosConfig = DeepReadonly<Static<typeof ConfigSchema>>;

export function isAgentClassName(name: string): boolean {
  return (AGENT_CLASSES as readonly string[]).includes(name);
}
