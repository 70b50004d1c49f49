// Asks for many links, several at a time, and keeps what came of each in a ledger, so that a later attempt asks for none of them again.

import type { CapabilityContext } from "@kos/agent";
import { throwIfAborted } from "../../task-error.ts";
import { createLedger, restoredBatches } from "../site/ledger.ts";
import { checkLink, type LinkCheckOptions } from "./check-link.ts";
import type { LinkOutcome } from "./link-outcome.ts";

export interface LinkChecksOptions extends LinkCheckOptions {
  readonly context: CapabilityContext;
  readonly workers: number;
  readonly maxTimeMs: number;
}

interface Entry extends LinkOutcome {
  readonly to: string;
}

const LEDGER = "link_outcomes";
const PROGRESS_EVERY_MS = 500;

/** `targets`: addresses, each with a page that links to it; `doubted`: those that failed before. Errors: CANCELLED, STORAGE_FULL. */
export async function checkLinks(
  targets: ReadonlyMap<string, string | undefined>,
  doubted: ReadonlySet<string>,
  options: LinkChecksOptions,
): Promise<ReadonlyMap<string, LinkOutcome>> {
  const { context } = options;
  const outcomes = new Map<string, LinkOutcome>();
  const earlier: string[] = [];
  for await (const { hash, entries } of restoredBatches(context, LEDGER, readEntries)) {
    earlier.push(hash);
    for (const { to, ...outcome } of entries) outcomes.set(to, outcome);
  }
  const ledger = createLedger<Entry>({ context, name: LEDGER, write: writeEntries, earlier, maxEntries: targets.size });
  const waiting = targets.entries();
  const endsAt = context.now() + options.maxTimeMs;
  let broken = false;
  let toldAt = 0;

  async function work(): Promise<void> {
    for (const [to, via] of waiting) {
      throwIfAborted(context.signal);
      if (broken) return;
      if (outcomes.has(to)) continue;
      if (context.now() >= endsAt) {
        outcomes.set(to, { state: "unchecked", status: null, reason: "time" });
        continue;
      }
      const outcome = await checkLink(to, via, doubted.has(to), options);
      outcomes.set(to, outcome);
      await ledger.add({ to, ...outcome });
      tell();
    }
  }

  function tell(): void {
    const now = context.now();
    if (now - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = now;
    context.progress({ done: outcomes.size, total: targets.size, message: `${outcomes.size} of ${targets.size} links checked` });
  }

  const workers = Array.from({ length: options.workers }, () =>
    work().catch((error: unknown) => {
      broken = true;
      throw error;
    }),
  );
  for (const ended of await Promise.allSettled(workers)) if (ended.status === "rejected") throw ended.reason;
  await ledger.close();
  return outcomes;
}

function writeEntries(entries: readonly Entry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

/** Written by an earlier attempt of the same call, and verified against its hash. */
function readEntries(content: Uint8Array): readonly Entry[] {
  const lines = Buffer.from(content).toString("utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Entry);
}
