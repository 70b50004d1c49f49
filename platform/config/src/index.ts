export { configFiles } from "./config-files.ts";
export type { KosConfig } from "./config-schema.ts";

export { type LoadedConfig, loadConfig } from "./load-config.ts";
