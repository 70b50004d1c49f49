// Sorts files by size into a few classes, each ten times the one before.

export interface SizeClass {
  readonly label: string;
  readonly from: number;
  readonly below?: number;
  readonly files: number;
}

const KB = 1000;
const BOUNDS: readonly (readonly [label: string, from: number])[] = [
  ["empty", 0],
  ["under 1 kB", 1],
  ["1–10 kB", KB],
  ["10–100 kB", 10 * KB],
  ["100 kB–1 MB", 100 * KB],
  ["1–10 MB", KB * KB],
  ["over 10 MB", 10 * KB * KB],
];

export function createSizeClasses(): { add(bytes: number): void; list(): readonly SizeClass[] } {
  const counts = BOUNDS.map(() => 0);
  return {
    add(bytes) {
      const index = BOUNDS.findLastIndex(([, from]) => bytes >= from);
      counts[index] = (counts[index] ?? 0) + 1;
    },
    list: () =>
      BOUNDS.map(([label, from], index) => {
        const below = BOUNDS[index + 1]?.[1];
        return { label, from, ...(below === undefined ? {} : { below }), files: counts[index] ?? 0 };
      }),
  };
}
