// Runs that stand still until a person says something; asked for again whenever a plan changes.

import type { PlanSummary } from "@kos/api";
import { useStore } from "../data/store.ts";
import { useResource } from "../data/use-resource.ts";
import { useSignedIn } from "./console.ts";

const STATES = "waiting_approval,waiting_input,in_doubt";
const MOST = 20;
const EVERY_MS = 5000;

export function useWaiting(): readonly PlanSummary[] {
  const { client, feed } = useSignedIn();
  const revision = useStore(feed.plans);
  const found = useResource("waiting", (signal) => client.call("plans", { query: { status: STATES, limit: MOST } }, { signal }), {
    revision,
    everyMs: EVERY_MS,
  });
  return found.value?.items ?? [];
}
