// Takes bytes in from outside: bounded, looked at, stored under their hash, then listed. The sender's name is a label, never a path.

import type { Artifact, ArtifactRetention } from "@kos/api";
import type { Blobs } from "@kos/blobs";
import { KosError } from "@kos/klp";
import { type ArtifactIndex, overQuota } from "./ArtifactIndex.ts";
import { decideMediaType, SNIFF_BYTES } from "./media-type.ts";

interface Upload {
  readonly tenant: string;
  /** 1 to 255 characters without control characters. */
  readonly name: string;
  /** The request's `Content-Type`, when it says one. */
  readonly content_type?: string | undefined;
  /** The request's `Content-Length`, when it says one: too much is then refused before anything is read. */
  readonly content_length?: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  readonly created_by: string;
  readonly plan_id?: string;
  readonly task_id?: string;
  readonly retention?: ArtifactRetention;
  readonly signal?: AbortSignal;
}

export interface UploadHandler {
  /**
   * Stores the body and lists it, labelled `untrusted`. Durable when it resolves.
   * Errors: BAD_REQUEST (name; content that is not what it is said to be), TOO_LARGE (upload or quota), CANCELLED, STORAGE_FULL, UNAVAILABLE.
   */
  upload(upload: Upload): Promise<Artifact>;
}

export interface UploadHandlerOptions {
  readonly index: ArtifactIndex;
  readonly blobs: Blobs;
  /** Largest upload. */
  readonly maxBytes: number;
  /** All artifacts of one tenant together. */
  readonly quotaBytes: number;
}

const MAX_NAME = 255;

export function createUploadHandler(options: UploadHandlerOptions): UploadHandler {
  const { index, blobs, maxBytes, quotaBytes } = options;
  const accounts = new Map<string, Account>();

  /** Joins the tenant's uploads under way: together with what is listed they stay within the quota. */
  function join(tenant: string): Account {
    const known = accounts.get(tenant);
    if (known !== undefined) {
      known.uploads++;
      return known;
    }
    const opened = index.usedBytes(tenant).then((bytes) => {
      account.bytes += bytes;
    });
    const account: Account = { bytes: 0, uploads: 1, opened };
    accounts.set(tenant, account);
    return account;
  }

  async function* counted(account: Account, body: AsyncIterable<Uint8Array>, count: { bytes: number }): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      count.bytes += piece.length;
      account.bytes += piece.length;
      if (count.bytes > maxBytes) throw tooLarge(maxBytes);
      if (account.bytes > quotaBytes) throw overQuota(quotaBytes);
      yield piece;
    }
  }

  return {
    async upload({ tenant, name, content_type, content_length = 0, body, created_by, plan_id, task_id, retention, signal }) {
      checkName(name);
      if (content_length > maxBytes) throw tooLarge(maxBytes);
      const account = join(tenant);
      const count = { bytes: 0 };
      let isListed = false;
      try {
        await account.opened;
        if (account.bytes + content_length > quotaBytes) throw overQuota(quotaBytes);
        const head = await takeHead(counted(account, body, count));
        const mediaType = decideMediaType(content_type, name, head.bytes);
        const { hash, bytes } = await blobs.put(head.whole, { maxBytes, ...(signal !== undefined && { signal }) });
        const artifact = await index.add(
          {
            tenant,
            name,
            media_type: mediaType,
            bytes,
            hash,
            ...(retention !== undefined && { retention }),
            labels: ["untrusted"],
            created_by,
            ...(plan_id !== undefined && { plan_id }),
            ...(task_id !== undefined && { task_id }),
          },
          { quotaBytes },
        );
        isListed = true;
        return artifact;
      } finally {
        if (!isListed) account.bytes -= count.bytes;
        if (--account.uploads === 0) accounts.delete(tenant);
      }
    },
  };
}

/** A tenant's bytes, listed and on their way, for as long as any upload of theirs is under way. */
interface Account {
  bytes: number;
  uploads: number;
  /** Settles once the listed bytes are counted. */
  readonly opened: Promise<void>;
}

/** The first bytes to look at, and the whole again from its beginning. */
async function takeHead(
  pieces: AsyncGenerator<Uint8Array>,
): Promise<{ readonly bytes: Uint8Array; readonly whole: AsyncGenerator<Uint8Array> }> {
  const taken: Uint8Array[] = [];
  let length = 0;
  while (length < SNIFF_BYTES) {
    const next = await pieces.next();
    if (next.done === true) break;
    taken.push(next.value);
    length += next.value.length;
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield* taken;
    yield* pieces;
  }
  return { bytes: new Uint8Array(Buffer.concat(taken).subarray(0, SNIFF_BYTES)), whole: whole() };
}

function checkName(name: string): void {
  if (name === "" || name.length > MAX_NAME || !name.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)) {
    throw new KosError("BAD_REQUEST", `An artifact's name has 1 to ${MAX_NAME} characters and no control characters. Choose another name.`);
  }
}

function tooLarge(maxBytes: number): KosError {
  return new KosError("TOO_LARGE", `An upload may hold ${maxBytes} bytes. Send less, or raise limits.upload_bytes.`, {
    details: { max_bytes: maxBytes },
  });
}
