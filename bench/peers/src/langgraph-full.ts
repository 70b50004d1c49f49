// LangGraph with every checkpoint synced to disk.

import { langGraphPeer } from "./langgraph.ts";
import type { Peer } from "./peer.ts";

export function createPeer(): Peer {
  return langGraphPeer("FULL");
}
