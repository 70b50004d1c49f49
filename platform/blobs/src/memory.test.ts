import { expect, it } from "vitest";
import { testBlobsContract } from "./blobs.contract.ts";
import { memoryBlobs } from "./memory.ts";

testBlobsContract("memory", async () => {
  const blobs = memoryBlobs();
  return {
    blobs,
    damage: async (hash) => blobs.damage(hash),
    age: async () => undefined,
    [Symbol.asyncDispose]: () => blobs[Symbol.asyncDispose](),
  };
});

it("[B10] says STORAGE_FULL beyond its capacity", async () => {
  await using blobs = memoryBlobs({ capacityBytes: 5 });
  await blobs.put(new Uint8Array(3));
  await expect(blobs.put(new Uint8Array(4))).rejects.toMatchObject({ code: "STORAGE_FULL" });
});
