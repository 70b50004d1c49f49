// Which node the arrow keys lead to: the nearest one in that direction, one straight ahead before one aside.

import type { Point } from "./layout.ts";

const DIRECTIONS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};
/** A step aside counts so many times a step ahead. */
const ASIDE = 2.5;

/** Undefined for another key, and where nothing lies in that direction. */
export function neighbourOf(id: string, key: string, places: ReadonlyMap<string, Point>): string | undefined {
  const direction = DIRECTIONS[key];
  const from = places.get(id);
  if (direction === undefined || from === undefined) return undefined;
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [other, place] of places) {
    const ahead = (place.x - from.x) * direction.x + (place.y - from.y) * direction.y;
    if (other === id || ahead <= 0) continue;
    const aside = Math.abs((place.x - from.x) * direction.y) + Math.abs((place.y - from.y) * direction.x);
    const cost = ahead + ASIDE * aside;
    if (cost < least) {
      least = cost;
      best = other;
    }
  }
  return best;
}
