// Which address of a site comes next: level by level from the start, so that a page's depth is the length of the shortest way to it. Then what only
// the sitemap names. It is built from the records alone, in any order within a level, so a resumed crawl stands where the one before stood.

import { isEndlessPath, shapeOf } from "../address/trap.ts";
import type { FetchedRecord, SkipReason } from "./site-record.ts";

export interface Turn {
  readonly address: string;
  /** null for what no link leads to from the start. */
  readonly depth: number | null;
}

interface FrontierLimits {
  readonly maxDepth: number;
  /** Addresses remembered, asked for or not. */
  readonly maxAddresses: number;
  /** Pages in a row, each found on the one before, whose addresses differ in numbers only. */
  readonly maxRow: number;
}

export interface FrontierOptions {
  readonly limits: FrontierLimits;
  /** Whether the address belongs to the site. */
  readonly isWithin: (address: string) => boolean;
  /** Whether the owner's patterns let it through. */
  readonly isWanted: (address: string) => boolean;
}

export interface Frontier {
  /** The start, or an address the sitemap names. */
  seed(address: string, from: "start" | "sitemap"): void;
  /** Takes note of what came of an address, and of where it leads. `follow`: false for a page that only repeats others. */
  absorb(record: FetchedRecord, follow: boolean): void;
  /** The next address; `wait` while the level is not over; undefined when there is none left. */
  next(): Turn | "wait" | undefined;
  /** Takes an address that was handed out back unasked. */
  drop(address: string, reason: SkipReason): void;
  isDone(address: string): boolean;
  readonly skipped: ReadonlyMap<string, SkipReason>;
  /** Addresses not asked for yet. */
  readonly waiting: number;
  /** Whether something lies deeper than the limit. */
  readonly isCutAtDepth: boolean;
}

/** Depths from here on are of what only the sitemap leads to. */
const APART = 1_000_000_000;

export function createFrontier({ limits, isWithin, isWanted }: FrontierOptions): Frontier {
  const depths = new Map<string, number>();
  const rows = new Map<string, number>();
  const done = new Set<string>();
  const skipped = new Map<string, SkipReason>();
  const levels = new Map<number, string[]>();
  let level: { readonly depth: number; readonly addresses: string[] } | undefined;
  let active = 0;
  let isCutAtDepth = false;
  const handedOut = new Set<string>();

  function skip(address: string, reason: SkipReason): void {
    if (skipped.size < limits.maxAddresses) skipped.set(address, reason);
  }

  function queue(address: string, depth: number, row: number): void {
    const known = depths.get(address);
    if (known !== undefined && (known <= depth || done.has(address) || handedOut.has(address))) return;
    if (known === undefined) {
      if (skipped.has(address) || !isWithin(address)) return;
      const reason = refusal(address, row);
      if (reason !== undefined) return skip(address, reason);
    }
    if (depth % APART > limits.maxDepth) {
      isCutAtDepth = true;
      return;
    }
    depths.set(address, depth);
    if (row > 0) rows.set(address, row);
    const same = level?.depth === depth ? level.addresses : levels.get(depth);
    if (same === undefined) levels.set(depth, [address]);
    else same.push(address);
  }

  function refusal(address: string, row: number): SkipReason | undefined {
    if (!isWanted(address)) return "excluded";
    if (row > limits.maxRow || isEndlessPath(address)) return "endless";
    return depths.size >= limits.maxAddresses ? "limit" : undefined;
  }

  function follow(address: string, from: FetchedRecord, depth: number): void {
    if (depths.has(address) && (depths.get(address) ?? 0) <= depth) return;
    const row = shapeOf(address) === shapeOf(from.url) ? (rows.get(from.url) ?? 0) + 1 : 0;
    queue(address, depth, row);
  }

  function openLevel(): boolean {
    const [nearest] = [...levels.keys()].sort((one, other) => one - other);
    if (nearest === undefined) return false;
    // Sorted, so that a limit cuts the same pages off whatever answered first. Taken from the end.
    const addresses = (levels.get(nearest) ?? []).filter((address) => depths.get(address) === nearest && !done.has(address));
    level = { depth: nearest, addresses: addresses.sort().reverse() };
    levels.delete(nearest);
    return true;
  }

  return {
    skipped,
    drop(address, reason) {
      if (handedOut.delete(address)) active -= 1;
      done.add(address);
      skip(address, reason);
    },
    isDone: (address) => done.has(address),
    get waiting() {
      return depths.size - done.size - active;
    },
    get isCutAtDepth() {
      return isCutAtDepth;
    },
    seed: (address, from) => queue(address, from === "start" ? 0 : APART, 0),
    absorb(record, isFollowed) {
      if (handedOut.delete(record.url)) active -= 1;
      const depth = record.depth ?? depths.get(record.url) ?? APART;
      if (!depths.has(record.url)) depths.set(record.url, depth);
      done.add(record.url);
      if (record.kind === "redirect") follow(record.to, record, depth);
      if (record.kind !== "page" || !isFollowed) return;
      for (const { to } of record.links) follow(to, record, depth + 1);
      if (record.refresh !== undefined) follow(record.refresh, record, depth + 1);
    },
    next() {
      for (;;) {
        const address = level?.addresses.pop();
        if (address !== undefined && level !== undefined) {
          if (done.has(address) || handedOut.has(address) || skipped.has(address)) continue;
          active += 1;
          handedOut.add(address);
          return { address, depth: level.depth >= APART ? null : level.depth };
        }
        if (active > 0) return "wait";
        if (!openLevel()) return undefined;
      }
    },
  };
}
