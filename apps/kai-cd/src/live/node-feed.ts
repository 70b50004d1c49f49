// What the whole node says of itself while somebody is signed in: whether it is there, and that plans or agents have changed.

import type { ServerFrame } from "@kos/api";
import { createStore, type Store } from "../data/store.ts";
import type { LinkState } from "./follow.ts";

export interface NodeFeed {
  readonly link: Store<LinkState>;
  /** Counts up when the list of plans may have changed, also after a loss. */
  readonly plans: Store<number>;
  readonly agents: Store<number>;
  take(frame: ServerFrame): void;
  takeState(state: LinkState): void;
}

export const FEED_TOPICS = ["plans", "agents"] as const;

export function createNodeFeed(): NodeFeed {
  const link = createStore<LinkState>("connecting");
  const plans = createStore(0);
  const agents = createStore(0);
  const raise = (counter: Store<number>) => counter.set(counter.get() + 1);
  return {
    link,
    plans,
    agents,
    take(frame) {
      if (frame.plan_id !== undefined) raise(plans);
      else if (frame.type === "AGENT_STATUS") raise(agents);
    },
    takeState(state) {
      const before = link.get();
      link.set(state);
      if (state !== "live" || before === "live") return;
      // Topics over many plans have no past: what happened meanwhile is read again.
      raise(plans);
      raise(agents);
    },
  };
}
