export type { BlobStream, Blobs } from "./blobs.ts";
export { fileBlobs } from "./file.ts";
export { type MemoryBlobs, memoryBlobs } from "./memory.ts";
