export type { DataProgram } from "./data/run-order.ts";
export { createDataAgent } from "./data-agent.ts";
export { createDocumentsAgent } from "./documents-agent.ts";
export { createExecutorAgent, type ExecutorAgentOptions } from "./executor-agent.ts";
export type { GitCommand } from "./git/git-process.ts";
export { createWebAgent, type WebAgentOptions } from "./web/web-agent.ts";
