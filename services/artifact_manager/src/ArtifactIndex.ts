// The index of artifacts: metadata, versions and search. It never changes a row once it is there; bytes are the blob store's.

import type { Artifact, ArtifactRetention } from "@kos/api";
import type { BlobStream, Blobs } from "@kos/blobs";
import { decodeBase64Url, encodeBase64Url, isUuidV7, KosError } from "@kos/klp";
import type { Statement, Tables } from "@kos/store";
import { sql } from "kysely";

/** What is known of new bytes that are in the blob store already. */
export interface NewArtifact {
  readonly tenant: string;
  /** As its maker called it; never a path of this machine. */
  readonly name: string;
  readonly media_type: string;
  readonly bytes: number;
  /** `sha256:<hex>` */
  readonly hash: string;
  readonly plan_id?: string;
  readonly task_id?: string;
  readonly labels: readonly string[];
  readonly created_by: string;
  /** How long it is kept; default `standard`. */
  readonly retention?: ArtifactRetention;
  /** Names the cause, such as an event's place in the log: adding it again gives back the first row. */
  readonly source?: string;
}

interface PageRequest {
  readonly tenant: string;
  /** 1 to 500; default 50. */
  readonly limit?: number;
  /** `next_cursor` of the page before. */
  readonly cursor?: string;
}

interface ArtifactSearch extends PageRequest {
  /** Part of the name; letter case does not matter. */
  readonly q?: string;
  readonly plan_id?: string;
  /** Exact, or a whole family as `image/*`. */
  readonly media_type?: string;
}

export interface ArtifactPage {
  readonly items: readonly Artifact[];
  readonly next_cursor: string | null;
}

interface ArtifactContent extends BlobStream {
  readonly artifact: Artifact;
}

/** A row whose time is over. */
interface ExpiredArtifact {
  readonly artifact_id: string;
  readonly hash: string;
  readonly bytes: number;
}

export interface ArtifactIndex {
  /**
   * Gives it an id and the next version of its name within its plan, or among those without a plan. Durable when it resolves.
   * Errors: TOO_LARGE when it would go beyond `quotaBytes` of the tenant; STORAGE_FULL, UNAVAILABLE.
   */
  add(artifact: NewArtifact, options?: { readonly quotaBytes?: number }): Promise<Artifact>;
  /** Undefined when there is none, or when it is another tenant's. */
  get(tenant: string, artifactId: string): Promise<Artifact | undefined>;
  /** Newest first. Errors: BAD_REQUEST for a cursor that is none of its own. */
  search(query: ArtifactSearch): Promise<ArtifactPage>;
  /** All versions that share the artifact's plan and name, newest first. Errors: NOT_FOUND, BAD_REQUEST. */
  versions(artifactId: string, page: PageRequest): Promise<ArtifactPage>;
  /** Errors: NOT_FOUND, BAD_REQUEST (range), and while reading those of the blob store. */
  content(
    tenant: string,
    artifactId: string,
    range?: { readonly start?: number; readonly end?: number; readonly signal?: AbortSignal },
  ): Promise<ArtifactContent>;
  /** Of one class, over all tenants, oldest first. */
  expired(query: {
    readonly retention: ArtifactRetention;
    readonly createdBeforeMs: number;
    readonly limit: number;
  }): Promise<readonly ExpiredArtifact[]>;
  /** Removes rows, in one transaction with `alongside`. Their bytes stay with the blob store, for others may name them too. */
  remove(artifactIds: readonly string[], alongside?: readonly Statement[]): Promise<void>;
  /** Sum over all versions of a tenant. The same bytes twice count twice. */
  usedBytes(tenant: string): Promise<number>;
}

export interface ArtifactIndexOptions {
  readonly tables: Tables;
  readonly blobs: Blobs;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** UUIDv7, rising. */
  readonly newId: () => string;
}

const TABLE = "artifact";
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
/** One statement, so that two at once get two versions and cannot both squeeze under the quota. */
const INSERT = `
  INSERT INTO artifact (artifact_id, tenant, name, name_folded, media_type, bytes, hash, plan_id, task_id, labels, created_by, created_at, source, retention, version)
  SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    (SELECT coalesce(max(version), 0) + 1 FROM artifact WHERE tenant = ? AND plan_id = ? AND name = ?)
  WHERE (SELECT coalesce(sum(bytes), 0) FROM artifact WHERE tenant = ?) + ? <= ?`;

interface Row {
  readonly artifact_id: string;
  readonly name: string;
  readonly media_type: string;
  readonly bytes: number;
  readonly hash: string;
  readonly plan_id: string;
  readonly task_id: string | null;
  readonly labels: string;
  readonly created_by: string;
  readonly created_at: number;
  readonly version: number;
  readonly retention: ArtifactRetention;
}

export function createArtifactIndex(options: ArtifactIndexOptions): ArtifactIndex {
  const { tables, blobs } = options;

  async function find(tenant: string, artifactId: string): Promise<Artifact | undefined> {
    const [row] = await tables.read<Row>((query) =>
      query.selectFrom(TABLE).selectAll().where("tenant", "=", tenant).where("artifact_id", "=", artifactId).limit(1),
    );
    return row === undefined ? undefined : artifactOf(row);
  }

  async function findSource(tenant: string, source: string): Promise<Artifact | undefined> {
    const [row] = await tables.read<Row>((query) =>
      query.selectFrom(TABLE).selectAll().where("tenant", "=", tenant).where("source", "=", source).limit(1),
    );
    return row === undefined ? undefined : artifactOf(row);
  }

  async function mustFind(tenant: string, artifactId: string): Promise<Artifact> {
    const artifact = await find(tenant, artifactId);
    if (artifact === undefined)
      throw new KosError("NOT_FOUND", `There is no artifact ${artifactId.slice(0, 64)}. Look for it with a search by name or plan.`);
    return artifact;
  }

  return {
    async add(artifact, { quotaBytes = Number.MAX_SAFE_INTEGER } = {}) {
      const { source } = artifact;
      const known = source === undefined ? undefined : await findSource(artifact.tenant, source);
      if (known !== undefined) return known;
      const artifactId = options.newId();
      let changed: readonly number[];
      try {
        changed = await tables.write([insertion(artifact, artifactId, options.now(), quotaBytes)]);
      } catch (error) {
        // Somebody else added the same cause in the meantime.
        const first =
          error instanceof KosError && error.code === "CONFLICT" && source !== undefined
            ? await findSource(artifact.tenant, source)
            : undefined;
        if (first !== undefined) return first;
        throw error;
      }
      if (changed[0] === 0) throw overQuota(quotaBytes);
      return mustFind(artifact.tenant, artifactId);
    },
    get: find,
    async search({ tenant, limit, cursor, q, plan_id, media_type }) {
      const count = pageSize(limit);
      const before = cursor === undefined ? undefined : readCursor(cursor);
      if (before !== undefined && !isUuidV7(before)) throw badCursor();
      const rows = await tables.read<Row>((query) => {
        let select = query.selectFrom(TABLE).selectAll().where("tenant", "=", tenant);
        if (before !== undefined) select = select.where("artifact_id", "<", before);
        if (q !== undefined && q !== "") select = select.where(sql<boolean>`name_folded like ${likePattern(q)} escape '!'`);
        if (plan_id !== undefined) select = select.where("plan_id", "=", plan_id);
        if (media_type?.endsWith("/*") === true) {
          const family = media_type.slice(0, -1);
          select = select.where("media_type", ">=", family).where("media_type", "<", `${family.slice(0, -1)}0`);
        } else if (media_type !== undefined) select = select.where("media_type", "=", media_type);
        return select.orderBy("artifact_id", "desc").limit(count + 1);
      });
      return pageOf(rows, count, (row) => row.artifact_id);
    },
    async versions(artifactId, { tenant, limit, cursor }) {
      const count = pageSize(limit);
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(readCursor(cursor));
      if (!Number.isSafeInteger(before)) throw badCursor();
      const { plan_id: planId = "", name } = await mustFind(tenant, artifactId);
      const rows = await tables.read<Row>((query) =>
        query
          .selectFrom(TABLE)
          .selectAll()
          .where("tenant", "=", tenant)
          .where("plan_id", "=", planId)
          .where("name", "=", name)
          .where("version", "<", before)
          .orderBy("version", "desc")
          .limit(count + 1),
      );
      return pageOf(rows, count, (row) => String(row.version));
    },
    async content(tenant, artifactId, range = {}) {
      const artifact = await mustFind(tenant, artifactId);
      return { artifact, ...(await blobs.stream(artifact.hash, range)) };
    },
    expired: ({ retention, createdBeforeMs, limit }) =>
      tables.read<ExpiredArtifact>((query) =>
        query
          .selectFrom(TABLE)
          .select(["artifact_id", "hash", "bytes"])
          .where("retention", "=", retention)
          .where("created_at", "<", createdBeforeMs)
          .orderBy("created_at")
          .limit(limit),
      ),
    async remove(artifactIds, alongside = []) {
      const removals = artifactIds.map((id): Statement => ({ sql: "DELETE FROM artifact WHERE artifact_id = ?", parameters: [id] }));
      await tables.write([...removals, ...alongside]);
    },
    async usedBytes(tenant) {
      const [row] = await tables.read<{ readonly used: number }>((query) =>
        query.selectFrom(TABLE).select(sql<number>`coalesce(sum(bytes), 0)`.as("used")).where("tenant", "=", tenant),
      );
      return row?.used ?? 0;
    },
  };
}

export function overQuota(quotaBytes: number): KosError {
  return new KosError(
    "TOO_LARGE",
    `The artifacts together may hold ${quotaBytes} bytes, and this one would go beyond. Delete some, or raise limits.artifact_quota_bytes.`,
    {
      details: { quota_bytes: quotaBytes },
    },
  );
}

function insertion(artifact: NewArtifact, artifactId: string, nowMs: number, quotaBytes: number): Statement {
  const {
    tenant,
    name,
    media_type,
    bytes,
    hash,
    plan_id = "",
    task_id = null,
    labels,
    created_by,
    source = null,
    retention = "standard",
  } = artifact;
  const row = [
    artifactId,
    tenant,
    name,
    fold(name),
    media_type,
    bytes,
    hash,
    plan_id,
    task_id,
    JSON.stringify(labels),
    created_by,
    nowMs,
    source,
    retention,
  ];
  return { sql: INSERT, parameters: [...row, tenant, plan_id, name, tenant, bytes, quotaBytes] };
}

function artifactOf(row: Row): Artifact {
  return {
    artifact_id: row.artifact_id,
    name: row.name,
    media_type: row.media_type,
    bytes: row.bytes,
    hash: row.hash,
    ...(row.plan_id !== "" && { plan_id: row.plan_id }),
    ...(row.task_id !== null && { task_id: row.task_id }),
    labels: JSON.parse(row.labels) as string[],
    created_by: row.created_by,
    created_at: new Date(row.created_at).toISOString(),
    version: row.version,
    retention: row.retention,
  };
}

function fold(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

function likePattern(text: string): string {
  return `%${fold(text).replaceAll(/[!%_]/g, "!$&")}%`;
}

function pageSize(limit: number | undefined): number {
  const count = limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(count) || count < 1 || count > MAX_LIMIT)
    throw new KosError("BAD_REQUEST", `A limit is a whole number from 1 to ${MAX_LIMIT}.`);
  return count;
}

function pageOf(rows: readonly Row[], count: number, keyOf: (row: Row) => string): ArtifactPage {
  const last = rows.length > count ? rows[count - 1] : undefined;
  return {
    items: rows.slice(0, count).map(artifactOf),
    next_cursor: last === undefined ? null : encodeBase64Url(new TextEncoder().encode(keyOf(last))),
  };
}

function readCursor(cursor: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(decodeBase64Url(cursor));
  } catch (cause) {
    throw badCursor(cause);
  }
}

function badCursor(cause?: unknown): KosError {
  return new KosError("BAD_REQUEST", "The cursor is not one of this list. Begin again without one.", { cause });
}
