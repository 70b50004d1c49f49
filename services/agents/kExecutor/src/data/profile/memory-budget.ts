// Memory that the columns of one profile share: whoever is refused goes on with an estimate in bounded space.

export interface MemoryBudget {
  /** Whether the bytes may be taken. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function memoryBudget(bytes: number): MemoryBudget {
  let left = bytes;
  return {
    take(wanted) {
      if (wanted > left) return false;
      left -= wanted;
      return true;
    },
    give(returned) {
      left += returned;
    },
  };
}
