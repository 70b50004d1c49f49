// The dead links of a site, each pair of page and target once: all of them as an artifact, the first ones in the output.

import type { ArtifactRef, CapabilityContext } from "@kos/agent";
import { badParam } from "../../task-error.ts";
import type { ResourceKind } from "../html/html-facts.ts";
import { FAILURE_REASONS, type FailureReason } from "../site/site-record.ts";
import type { LinkOutcome } from "./link-outcome.ts";

export interface DeadLink {
  readonly from: string;
  readonly to: string;
  readonly status: number | null;
  readonly reason: FailureReason;
  readonly text?: string;
  readonly kind?: ResourceKind;
}

interface DeadSums {
  dead_total: number;
  dead_links: DeadLink[];
  broken_resources_total: number;
  dead_list: ArtifactRef;
}

const MAX_INLINE = 500;
const MAX_LISTED = 200_000;
const MAX_LIST_BYTES = 268_435_456;

export function createDeadList() {
  const listed: DeadLink[] = [];
  const pairs = new Set<string>();
  let links = 0;
  let resources = 0;
  return {
    add(link: Omit<DeadLink, "status" | "reason">, { status, reason }: LinkOutcome): void {
      const pair = `${link.from} ${link.to} ${link.kind ?? ""}`;
      if (pairs.has(pair)) return;
      if (link.kind === undefined) links += 1;
      else resources += 1;
      if (pairs.size >= MAX_LISTED) return;
      pairs.add(pair);
      listed.push({ ...link, status, reason: isFailure(reason) ? reason : "status" });
    },
    async finish(artifacts: CapabilityContext["artifacts"]): Promise<DeadSums> {
      const sorted = listed.sort((one, other) => order(one.from, other.from) || order(one.to, other.to));
      const content = sorted.map((link) => `${JSON.stringify(link)}\n`).join("");
      const list = await artifacts.put({ name: "dead-links.ndjson", media_type: "application/x-ndjson", content });
      return {
        dead_total: links,
        dead_links: sorted.filter(({ kind }) => kind === undefined).slice(0, MAX_INLINE),
        broken_resources_total: resources,
        dead_list: { ...list },
      };
    },
  };
}

/** All dead links and resources of a check. Errors: NOT_FOUND; BAD_REQUEST for what is no such list. */
export async function readDeadList(
  list: { readonly hash: string },
  artifacts: CapabilityContext["artifacts"],
): Promise<readonly DeadLink[]> {
  const content = await artifacts.get(list.hash, { maxBytes: MAX_LIST_BYTES });
  const lines = Buffer.from(content).toString("utf8").split("\n");
  return lines.filter((line) => line !== "").map(readLine);
}

function readLine(line: string): DeadLink {
  try {
    const value = JSON.parse(line) as Partial<DeadLink>;
    if (typeof value.from === "string" && typeof value.to === "string" && isFailure(value.reason)) return value as DeadLink;
  } catch {
    // told below
  }
  throw badParam("/links/dead_list", "The artifact is no list of dead links.", "Pass the output of web.check_links as it is.");
}

function isFailure(reason: unknown): reason is FailureReason {
  return FAILURE_REASONS.some((known) => known === reason);
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
