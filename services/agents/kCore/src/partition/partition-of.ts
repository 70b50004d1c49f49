// Which partition a plan belongs to: a fixed function of its id, so that it can be found without asking anybody.

/** FNV-1a over the id, modulo the number of partitions, which is fixed for a store. */
export function partitionOf(planId: string, partitions: number): number {
  if (partitions <= 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < planId.length; index++) hash = Math.imul(hash ^ planId.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % partitions;
}
