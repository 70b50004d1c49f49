export { createExecutorAgent, type ExecutorAgentOptions } from "./executor-agent.ts";
export type { GitCommand } from "./git/git-process.ts";
