import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{protocols,platform,services,components,apps,test,bench,scripts}/**/*.test.{ts,tsx}"],
    exclude: ["**/node_modules/**"],
    environment: "node",
    alias: { "fast-check": new URL("./test/support/fast-check.ts", import.meta.url).pathname },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 2,
  },
});
