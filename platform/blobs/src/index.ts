export type { BlobInfo, BlobStream, Blobs, GetOptions, PutOptions, StreamOptions } from "./blobs.ts";
export { type FileBlobsOptions, fileBlobs } from "./file.ts";
export { type MemoryBlobs, memoryBlobs } from "./memory.ts";
