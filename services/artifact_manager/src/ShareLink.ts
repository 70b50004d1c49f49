// Links under which somebody without a token may fetch one artifact for a while: signed by the node, kept in a table, taken back at will.

import { timingSafeEqual } from "node:crypto";
import type { Share } from "@kos/api";
import { encodeBase64Url, hmacSha256, KosError } from "@kos/klp";
import type { Tables } from "@kos/store";

export interface ShareLinks {
  /** Durable when it resolves. The token is given out this once; what is kept does not make it again. */
  create(share: NewShare): Promise<{ readonly share: Share; readonly token: string }>;
  /** Those of one artifact that are still good, newest first. */
  list(tenant: string, artifactId: string): Promise<readonly Share[]>;
  /** From then on its token is good for nothing. Errors: NOT_FOUND for one that is not there or not good any more. */
  revoke(tenant: string, artifactId: string, shareId: string): Promise<Share>;
  /** Errors: FORBIDDEN, the same whether the token was changed, has expired, was taken back or never was. */
  open(token: string): Promise<{ readonly tenant: string; readonly artifact_id: string }>;
}

interface NewShare {
  readonly tenant: string;
  readonly artifact_id: string;
  readonly created_by: string;
  /** Milliseconds from now. */
  readonly lifetime_ms: number;
}

export interface ShareLinkOptions {
  readonly tables: Tables;
  /** 32 bytes that nobody but the node has. */
  readonly key: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** UUIDv7, rising. */
  readonly newId: () => string;
}

interface Row {
  readonly share_id: string;
  readonly tenant: string;
  readonly artifact_id: string;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number;
}

const TABLE = "artifact_share";
const TOKEN = /^([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/;
const DOMAIN = "kos-share/1";

export function createShareLinks({ tables, key, now, newId }: ShareLinkOptions): ShareLinks {
  /** Everything that a link promises goes into it, so that a changed row makes no token good. */
  function signature(row: Row): string {
    const promise = [DOMAIN, row.share_id, row.tenant, row.artifact_id, row.expires_at].join("\0");
    return encodeBase64Url(hmacSha256(key, promise));
  }

  return {
    async create({ tenant, artifact_id, created_by, lifetime_ms }) {
      const created_at = now();
      const row: Row = { share_id: newId(), tenant, artifact_id, created_by, created_at, expires_at: created_at + lifetime_ms };
      await tables.write([
        { sql: "DELETE FROM artifact_share WHERE expires_at <= ?", parameters: [created_at] },
        {
          sql: "INSERT INTO artifact_share (share_id, tenant, artifact_id, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
          parameters: [row.share_id, tenant, artifact_id, created_by, created_at, row.expires_at],
        },
      ]);
      return { share: shareOf(row), token: `${row.share_id}.${signature(row)}` };
    },
    async list(tenant, artifactId) {
      const rows = await tables.read<Row>((query) =>
        query
          .selectFrom(TABLE)
          .selectAll()
          .where("tenant", "=", tenant)
          .where("artifact_id", "=", artifactId)
          .where("expires_at", ">", now())
          .orderBy("share_id", "desc"),
      );
      return rows.map(shareOf);
    },
    async revoke(tenant, artifactId, shareId) {
      const found = (await this.list(tenant, artifactId)).find(({ share_id }) => share_id === shareId);
      if (found === undefined) throw new KosError("NOT_FOUND", `The artifact has no link ${shareId.slice(0, 64)}, or no longer.`);
      await tables.write([{ sql: "DELETE FROM artifact_share WHERE share_id = ?", parameters: [shareId] }]);
      return found;
    },
    async open(token) {
      const [, shareId = "", signed = ""] = TOKEN.exec(token) ?? [];
      const [row] = await tables.read<Row>((query) => query.selectFrom(TABLE).selectAll().where("share_id", "=", shareId).limit(1));
      if (row === undefined || row.expires_at <= now() || !isSame(signature(row), signed)) throw noGood();
      return { tenant: row.tenant, artifact_id: row.artifact_id };
    },
  };
}

/** One answer for every fault, so that it tells nothing about what there is. */
export function noGood(): KosError {
  return new KosError("FORBIDDEN", "This link is not good: it was changed, has expired or was taken back. Ask for a new one.");
}

function isSame(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function shareOf({ share_id, artifact_id, created_by, created_at, expires_at }: Row): Share {
  return {
    share_id,
    artifact_id,
    created_by,
    created_at: new Date(created_at).toISOString(),
    expires_at: new Date(expires_at).toISOString(),
  };
}
