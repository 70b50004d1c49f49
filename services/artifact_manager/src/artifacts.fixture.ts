// A store, a blob store and both services over them, for the tests of this package.

import { type MemoryBlobs, memoryBlobs } from "@kos/blobs";
import { createSigner, createUuidV7, encodeDidKey, randomBytes } from "@kos/klp";
import { memoryStore, type Store } from "@kos/store";
import { type ArtifactIndex, createArtifactIndex, type NewArtifact } from "./ArtifactIndex.ts";
import { ARTIFACT_MIGRATIONS } from "./artifact-tables.ts";
import { createUploadHandler, type UploadHandler } from "./UploadHandler.ts";

export const NOW = Date.parse("2026-11-22T12:00:00Z");

export interface Opened extends AsyncDisposable {
  readonly store: Store;
  readonly blobs: MemoryBlobs;
  readonly index: ArtifactIndex;
  readonly uploads: UploadHandler;
}

export function open(limits: { readonly maxBytes?: number; readonly quotaBytes?: number } = {}): Opened {
  const seed = new Uint8Array(32).fill(7);
  const store = memoryStore({
    signer: { did: encodeDidKey(createSigner(seed).publicKey), privateKeySeed: seed },
    migrations: ARTIFACT_MIGRATIONS,
  });
  const blobs = memoryBlobs();
  const index = createArtifactIndex({ tables: store.tables, blobs, now: () => NOW, newId: createUuidV7(() => NOW, randomBytes) });
  const uploads = createUploadHandler({
    index,
    blobs,
    maxBytes: limits.maxBytes ?? 1_000_000,
    quotaBytes: limits.quotaBytes ?? 10_000_000,
  });
  return { store, blobs, index, uploads, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

export function artifact(name: string, more: Partial<NewArtifact> = {}): NewArtifact {
  return {
    tenant: "local",
    name,
    media_type: "text/plain",
    bytes: 10,
    hash: `sha256:${"a".repeat(64)}`,
    labels: [],
    created_by: "owner",
    ...more,
  };
}

/** A body in pieces of the given size. */
export async function* body(content: string | Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function collect<Item>(source: AsyncIterable<Item>): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of source) items.push(item);
  return items;
}

export async function read(content: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await collect(content)).toString("utf8");
}
