// LangGraph as it comes.

import { langGraphPeer } from "./langgraph.ts";
import type { Peer } from "./peer.ts";

export function createPeer(): Peer {
  return langGraphPeer("NORMAL");
}
