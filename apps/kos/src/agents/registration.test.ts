import { defineAgent, defineCapability } from "@kos/agent";
import { loadConfig } from "@kos/config";
import { describe, expect, it } from "vitest";
import type { HostedAgent } from "./agent-host.ts";
import { idleSettings } from "./agent-settings.ts";
import { registrationOf } from "./registration.ts";

const capability = (name: string, timeout_ms: number) =>
  defineCapability({
    name,
    title: name,
    description: name,
    input: { type: "object" },
    output: { type: "object" },
    timeout_ms,
    max_concurrent: 4,
    run: async () => ({}),
  });

const files = defineAgent({
  class: "kExecutor",
  name: "files",
  version: "1.0.0",
  description: "test",
  capabilities: [capability("fs.slow", 60_000), capability("fs.quick", 1000)],
});
const hosted: HostedAgent = {
  agent: files,
  hosting: { kind: "processes", size: 2, slots: 4, perRoots: false, start: () => Promise.reject(new Error("not here")) as never },
};

async function configured(content: object) {
  const { value } = await loadConfig({
    shippedDir: "/shipped",
    dataDir: "/data",
    env: {},
    flags: {},
    files: {
      read: (path) =>
        Promise.resolve(path === "/data/config/user_config.json" ? { text: JSON.stringify(content), mode: 0o600 } : undefined),
      list: () => Promise.resolve([]),
    },
  });
  return value;
}

describe("an agent as it is registered", () => {
  it("has as many calls at once as its processes hold, and no bound but its own where the owner sets none", async () => {
    const registration = registrationOf(hosted, "did:key:z", await configured({}));
    expect(registration.maxTasks).toBe(8);
    expect(registration.capabilities.map(({ description, maxTimeoutMs }) => [description.max_concurrent, maxTimeoutMs])).toEqual([
      [4, undefined],
      [4, undefined],
    ]);
  });

  it("keeps to what the owner sets for the agent and for its capabilities", async () => {
    const config = await configured({
      agents: { kExecutor: { files: { max_tasks: 3, timeout_ms: 5000 } } },
      limits: { capabilities: { "fs.quick": { timeout_ms: 500, max_concurrent: 1 } } },
    });
    const registration = registrationOf(hosted, "did:key:z", config);
    expect(registration.maxTasks).toBe(3);
    expect(
      registration.capabilities.map(({ description: { name, max_concurrent }, maxTimeoutMs }) => [name, max_concurrent, maxTimeoutMs]),
    ).toEqual([
      ["fs.slow", 4, 5000],
      ["fs.quick", 1, 500],
    ]);
  });

  it("gets no more calls than its processes hold, whatever is set", async () => {
    const config = await configured({ agents: { kExecutor: { files: { max_tasks: 100 } } } });
    expect(registrationOf(hosted, "did:key:z", config).maxTasks).toBe(8);
  });
});

describe("settings of agents", () => {
  it("that change nothing are named: who is not here, what nobody offers, secrets without a vault", async () => {
    const config = await configured({
      agents: { kExecutor: { files: { max_tasks: 1, secrets: { key: "vault:key" } }, web: { enabled: false } }, kSentinel: { main: {} } },
      limits: { capabilities: { "fs.quick": {}, "fs.none": { max_concurrent: 1 } } },
    });
    expect(idleSettings(config, [hosted])).toEqual([
      "agents.kExecutor.files.secrets",
      "agents.kSentinel.main",
      'limits.capabilities["fs.none"]',
    ]);
  });

  it("cannot switch off what no node runs without", async () => {
    await expect(configured({ agents: { kPlanner: { main: { enabled: false } } } })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("agents.kPlanner.main.enabled"),
    });
  });
});
