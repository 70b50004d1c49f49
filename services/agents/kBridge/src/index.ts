export { createBridgeAgent } from "./bridge-agent.ts";
