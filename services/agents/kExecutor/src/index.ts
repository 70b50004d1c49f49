export type { DataProgram } from "./data/run-order.ts";
export { createDataAgent } from "./data-agent.ts";
export { createExecutorAgent, type ExecutorAgentOptions } from "./executor-agent.ts";
export type { GitCommand } from "./git/git-process.ts";
