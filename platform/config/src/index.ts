export { type ConfigFile, type ConfigFiles, configFiles } from "./config-files.ts";
export type { AgentConfig, KosConfig } from "./config-schema.ts";
export type { Explanation, Setting } from "./explain.ts";
export type { ConfigProblem, LayerName } from "./layer.ts";
export { type ConfigInput, type LoadedConfig, loadConfig } from "./load-config.ts";
export type { SecretRef } from "./secret-ref.ts";
