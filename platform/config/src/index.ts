export { isLoopbackHost } from "./check-resolved.ts";
export { type ConfigFile, type ConfigFiles, configFiles } from "./config-files.ts";
export { type AgentConfig, type KosConfig, LOG_LEVELS } from "./config-schema.ts";
export type { Explanation, Setting } from "./explain.ts";
export { type ConfigProblem, LAYERS, type LayerName } from "./layer.ts";
export { type ConfigInput, type LoadedConfig, loadConfig } from "./load-config.ts";
export { isJsonObject, type JsonObject, mergeConfig } from "./merge.ts";
export { SecretRef } from "./secret-ref.ts";
