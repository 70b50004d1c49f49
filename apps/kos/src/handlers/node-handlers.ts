// Routes about the node itself: configuration, logs, audit, sign-in, health, metrics, discovery.

import { type LogRecord, openApiDocument } from "@kos/api";
import type { LoadedConfig } from "@kos/config";
import type { Handlers, TokenVerifier } from "@kos/gateway";
import type { Registry } from "@kos/kcore";
import { type Identity, KosError } from "@kos/klp";
import { isLogLevel, type KeptRecord, type LogStore, type NodeMetrics } from "@kos/telemetry";
import type { AuditVerification } from "../audit/audit-verification.ts";
import { rotateOwnerToken } from "../data/owner-token.ts";
import { discoveryDocument } from "../doors/discovery.ts";

export interface NodeHandlerOptions {
  readonly config: LoadedConfig;
  readonly logs: LogStore;
  readonly metrics: NodeMetrics;
  /** Brings the metrics up to date before they are read. */
  readonly observe: () => Promise<void>;
  readonly audit: AuditVerification;
  readonly node: Identity;
  readonly registry: Registry;
  readonly tokens: TokenVerifier;
  readonly ownerTokenPath: string;
  readonly version: string;
  /** Where the node listens, once it does. */
  readonly url: () => string;
  readonly stop: () => void;
}

type NodeRoutes =
  | "explainConfig"
  | "logs"
  | "verifyAudit"
  | "loginLink"
  | "exchangeTicket"
  | "endSession"
  | "rotateToken"
  | "stopNode"
  | "health"
  | "ready"
  | "metrics"
  | "discovery"
  | "openapi";

export function nodeHandlers(options: NodeHandlerOptions): Pick<Handlers, NodeRoutes> {
  const { config, logs, tokens, metrics } = options;
  return {
    async explainConfig({ query }) {
      const { key, value, layer, file, overridden, locked_by } = config.explain(query.key);
      return {
        key,
        value,
        layer,
        ...(file !== undefined && { file }),
        ...(locked_by !== undefined && { locked_by }),
        overridden: overridden.map((setting) => ({
          layer: setting.layer,
          value: setting.value,
          ...(setting.file !== undefined && { file: setting.file }),
        })),
      };
    },
    async logs({ query }) {
      const { level, cursor, limit, plan_id, task_id, agent_id, since } = query;
      if (level !== undefined && !isLogLevel(level)) throw new KosError("BAD_REQUEST", `"${level.slice(0, 20)}" is no log level.`);
      const wanted = limit ?? 50;
      const records = await logs.query({
        limit: wanted,
        ...(cursor !== undefined && { after: readCursor(cursor) }),
        ...(level !== undefined && { level }),
        ...(plan_id !== undefined && { plan_id }),
        ...(task_id !== undefined && { task_id }),
        ...(agent_id !== undefined && { agent: agent_id }),
        ...(since !== undefined && { since }),
      });
      return { items: records.map(view), next_cursor: records.length < wanted ? null : String(records.at(-1)?.seq ?? 0) };
    },
    verifyAudit: () => options.audit.verify(),
    async loginLink() {
      const { ticket, expiresAtMs } = tokens.issueTicket();
      return { url: `${options.url()}/#ticket=${ticket}`, expires_at: new Date(expiresAtMs).toISOString() };
    },
    async exchangeTicket({ body }) {
      const { token, expiresAtMs } = tokens.exchange(body.ticket);
      return { token, expires_at: new Date(expiresAtMs).toISOString() };
    },
    endSession: async ({ body }) => ({ ended: tokens.end(body.token) }),
    async rotateToken() {
      tokens.replaceOwnerToken(rotateOwnerToken(options.ownerTokenPath));
      return { path: options.ownerTokenPath };
    },
    async stopNode() {
      setImmediate(options.stop);
      return { status: "stopping" };
    },
    health: async () => ({ status: "ok" }),
    ready: async () => ({ status: "ready" }),
    async metrics() {
      await options.observe();
      const { contentType, text } = await metrics.render();
      return { status: 200, headers: { "content-type": contentType }, body: text };
    },
    discovery: async () =>
      discoveryDocument({ node: options.node, registry: options.registry, url: options.url(), version: options.version }),
    openapi: async () => openApiDocument({ version: options.version, url: options.url() }),
  };
}

function view({ seq: _seq, ...record }: KeptRecord): LogRecord {
  return { ...record, ...(record.fields && { fields: { ...record.fields } }) };
}

function readCursor(text: string): number {
  const seq = Number(text);
  if (!Number.isSafeInteger(seq) || seq < 0)
    throw new KosError("BAD_REQUEST", "This cursor is not one of ours. Start the list again without it.");
  return seq;
}
