import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { KosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { configFiles } from "./config-files.ts";
import type { ConfigProblem } from "./layer.ts";
import { type LoadedConfig, loadConfig } from "./load-config.ts";
import { memoryFiles } from "./memory-files.fixture.ts";

const SHIPPED = "/shipped/system_config.json";
const SYSTEM = "/data/config/system_config.json";
const USER = "/data/config/user_config.json";
const AGENT = "/data/config/agents/kExecutor/web.json";

interface Given {
  readonly files?: Readonly<Record<string, unknown>>;
  readonly modes?: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, unknown>>;
}

function load(given: Given = {}): Promise<LoadedConfig> {
  const files = Object.fromEntries(
    Object.entries(given.files ?? {}).map(([path, value]) => [path, typeof value === "string" ? value : JSON.stringify(value, null, 2)]),
  );
  return loadConfig({
    shippedDir: "/shipped",
    dataDir: "/data",
    env: given.env ?? {},
    flags: given.flags ?? {},
    files: memoryFiles(files, given.modes),
  });
}

async function refusal(given: Given): Promise<{ readonly error: KosError; readonly problems: readonly ConfigProblem[] }> {
  const error = await load(given).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof KosError)) throw new Error("expected a refusal", { cause: error });
  return { error, problems: error.details?.["problems"] as readonly ConfigProblem[] };
}

describe("layers", () => {
  it("[C1] gives every default when there is no file at all", async () => {
    const { value } = await load();
    expect(value.listen).toMatchObject({ host: "localhost", port: 3000, allow_remote: false });
    expect(value.egress.allow_hosts).toEqual([]);
  });

  it("[C1] lets each layer override all below it", async () => {
    const files: Record<string, unknown> = {};
    const given = { files, env: {} as Record<string, string>, flags: {} as Record<string, unknown> };
    const port = async () => (await load(given)).value.listen.port;
    files[SHIPPED] = { listen: { port: 4001 } };
    expect(await port()).toBe(4001);
    files[SYSTEM] = { listen: { port: 4002 } };
    expect(await port()).toBe(4002);
    files[USER] = { listen: { port: 4003 } };
    expect(await port()).toBe(4003);
    given.env["KOS_LISTEN__PORT"] = "4004";
    expect(await port()).toBe(4004);
    given.flags["listen.port"] = "4005";
    expect(await port()).toBe(4005);
  });

  it("[C1] puts an agent's file under its class and name, above the user's and below the environment", async () => {
    const files = {
      [USER]: { agents: { kExecutor: { web: { max_tasks: 1, timeout_ms: 1000 } } } },
      [AGENT]: { max_tasks: 2, memory_mb: 128 },
    };
    expect((await load({ files })).value.agents.kExecutor?.["web"]).toEqual({ max_tasks: 2, timeout_ms: 1000, memory_mb: 128 });
    const env = { KOS_AGENTS__KEXECUTOR__WEB__MAX_TASKS: "3" };
    expect((await load({ files, env })).value.agents.kExecutor?.["web"]?.max_tasks).toBe(3);
  });

  it("[C2] replaces arrays and deletes by null", async () => {
    const files = {
      [SYSTEM]: { egress: { allow_hosts: ["10.0.0.1:80", "10.0.0.2:80"] }, audit: { checkpoint_path: "/elsewhere/heads" } },
      [USER]: { egress: { allow_hosts: ["10.0.0.3:80"] }, audit: { checkpoint_path: null } },
    };
    const { value } = await load({ files });
    expect(value.egress.allow_hosts).toEqual(["10.0.0.3:80"]);
    expect(value.audit).toEqual({});
  });

  it("[C2] says which layer deleted a key that is needed", async () => {
    const { problems } = await refusal({ files: { [USER]: { listen: { port: null } } } });
    expect(problems).toEqual([
      { layer: "user", source: USER, path: "listen.port", line: 3, message: expect.stringContaining("is needed") },
    ]);
  });

  it("[C9] freezes what it gives", async () => {
    const { value } = await load();
    expect(Object.isFrozen(value) && Object.isFrozen(value.listen) && Object.isFrozen(value.egress.allow_hosts)).toBe(true);
  });
});

describe("texts from environment and flags", () => {
  it("[C4] reads them as the schema's types; lists are comma-separated", async () => {
    const { value } = await load({
      env: {
        KOS_EGRESS__ALLOW_HOSTS: "192.168.1.20:11434, [fd12::1]:8080",
        KOS_TOGGLES__METRICS: "false",
        KOS_LISTEN__PORT: "0",
        KOS_CONTENT_ORIGIN__PORT: "0",
        KOS_THEME__MODE: "dark",
        KOS_FS__ROOTS: "",
      },
      flags: { 'limits.capabilities["web.fetch"].max_concurrent': "4", "listen.behind_proxy": true },
    });
    expect(value.egress.allow_hosts).toEqual(["192.168.1.20:11434", "[fd12::1]:8080"]);
    expect(value.toggles.metrics).toBe(false);
    expect(value.listen).toMatchObject({ port: 0, behind_proxy: true });
    expect(value.theme.mode).toBe("dark");
    expect(value.fs.roots).toEqual([]);
    expect(value.limits.capabilities["web.fetch"]).toEqual({ max_concurrent: 4 });
  });

  it("[C4] leaves variables alone that are not configuration", async () => {
    await expect(load({ env: { KOS_DATA: "/data", KOS_TEST_MISSING: "x", PATH: "/bin", kos_listen__port: "9" } })).resolves.toBeDefined();
  });

  it("[C5] refuses unknown variables and flags by name, with the one that was meant", async () => {
    const { problems } = await refusal({ env: { KOS_LISTEN__PROT: "1", KOS_LISTEN: "x" }, flags: { "lisen.port": 1 } });
    expect(problems.map(({ source }) => source)).toEqual(["KOS_LISTEN", "KOS_LISTEN__PROT", "--lisen.port"]);
    expect(problems[0]?.message).toContain("KOS_LISTEN__HOST");
    expect(problems[1]?.message).toContain("did you mean KOS_LISTEN__PORT?");
    expect(problems[2]?.message).toContain("did you mean --listen.port?");
  });

  it("[C5] refuses a text that does not read as the type", async () => {
    const { problems } = await refusal({ env: { KOS_LISTEN__PORT: "3k", KOS_TOGGLES__METRICS: "yes" } });
    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'listen.port: expected a whole number, found "3k"',
      'toggles.metrics: expected true or false, found "yes"',
    ]);
  });
});

describe("refusals", () => {
  it("[C5] lists all problems of all files at once, with key path, file, line and what was meant", async () => {
    const { error, problems } = await refusal({
      files: {
        [SYSTEM]: { lisen: {}, logging: { level: "inof" } },
        [USER]:
          '{\n  "listen": {\n    "port": "3000",\n    "prot": 1\n  },\n  "egress": {"allow_hosts": [\n    "10.0.0.1:80",\n    "nonsense"\n  ]}\n}',
      },
    });
    expect(error.code).toBe("BAD_REQUEST");
    expect(problems).toEqual([
      { layer: "system", source: SYSTEM, path: "lisen", line: 2, message: "unknown key; did you mean listen?" },
      {
        layer: "system",
        source: SYSTEM,
        path: "logging.level",
        line: 4,
        message: 'expected one of trace, debug, info, warn, error, fatal, found "inof"; did you mean info?',
      },
      { layer: "user", source: USER, path: "listen.port", line: 3, message: 'expected a whole number, found "3000"' },
      { layer: "user", source: USER, path: "listen.prot", line: 4, message: "unknown key; did you mean port?" },
      { layer: "user", source: USER, path: "egress.allow_hosts[1]", line: 8, message: expect.stringContaining('found "nonsense"') },
    ]);
    expect(error.message).toContain(`${USER}:3: listen.port: expected a whole number`);
  });

  it("[C5] names line and column of a file that is not JSON and still checks the others", async () => {
    const { problems } = await refusal({ files: { [SYSTEM]: '{\n  "listen": {,}\n}', [USER]: { lisen: 1 } } });
    expect(problems).toEqual([
      { layer: "system", source: SYSTEM, path: "", line: 2, message: "is not JSON: a key in double quotes was expected here (column 14)" },
      { layer: "user", source: USER, path: "lisen", line: 2, message: "unknown key; did you mean listen?" },
    ]);
  });

  it("[C5] refuses a file of the wrong kind, a stray file and an unknown class", async () => {
    const { problems } = await refusal({
      files: { [USER]: "[]", "/data/config/agents/kExecutor/notes.txt": "x", "/data/config/agents/executors/web.json": "{}" },
    });
    expect(problems.map(({ source }) => source)).toEqual([
      "/data/config/agents/executors",
      "/data/config/agents/kExecutor/notes.txt",
      USER,
    ]);
  });

  it("[C3] [R75] refuses __proto__ and constructor as keys and changes no prototype", async () => {
    const { problems } = await refusal({
      files: { [USER]: '{"__proto__": {"polluted": 1}, "constructor": {}, "listen": {"__proto__": {"port": 1}}}' },
    });
    expect(problems.map(({ path }) => path)).toEqual(["__proto__", "constructor", "listen.__proto__"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    await refusal({ env: { KOS___PROTO____POLLUTED: "1" } });
    await refusal({ flags: { "__proto__.polluted": "1" } });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("[R43] refuses files of the data folder that others can read, and says how to mend it", async () => {
    const { error, problems } = await refusal({ files: { [USER]: {}, [AGENT]: {} }, modes: { [USER]: 0o644, [AGENT]: 0o640 } });
    expect(error.code).toBe("FORBIDDEN");
    expect(problems.map(({ message }) => message)).toEqual([
      `is open to other users (mode 0644). Run: chmod 600 ${USER}`,
      `is open to other users (mode 0640). Run: chmod 600 ${AGENT}`,
    ]);
    await expect(load({ files: { [SHIPPED]: {} }, modes: { [SHIPPED]: 0o644 } })).resolves.toBeDefined();
  });

  it("[R43] sees the mode of real files", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "kos-config-"));
    try {
      const path = join(dataDir, "config", "user_config.json");
      await mkdir(join(dataDir, "config"));
      await writeFile(path, '{"profile": {"name": "Ada"}}', { mode: 0o600 });
      const input = { dataDir, env: {}, flags: {}, files: configFiles };
      expect((await loadConfig(input)).value.profile.name).toBe("Ada");
      await chmod(path, 0o604);
      await expect(loadConfig(input)).rejects.toMatchObject({ code: "FORBIDDEN" });
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });
});

describe("locks", () => {
  const lock = { "@locked": ["listen.allow_remote", "egress"], egress: { allow_hosts: ["10.0.0.1:80"] } };

  it("[C6] refuses a locked path from every later layer, naming layer and path", async () => {
    const { problems } = await refusal({
      files: { [SYSTEM]: lock, [USER]: { listen: { port: 1, allow_remote: true } } },
      env: { KOS_EGRESS__ALLOW_HOSTS: "10.0.0.2:80" },
      flags: { "egress.max_redirects": "1" },
    });
    expect(problems.map(({ layer, path }) => `${layer} ${path}`)).toEqual([
      "user listen.allow_remote",
      "environment egress.allow_hosts",
      "flag egress.max_redirects",
    ]);
    expect(problems[0]?.message).toContain(`locked by ${SYSTEM}`);
  });

  it("[C6] refuses to delete the parent of a locked path", async () => {
    const { problems } = await refusal({ files: { [SYSTEM]: lock, [USER]: { listen: null } } });
    expect(problems.map(({ path }) => path)).toContain("listen");
  });

  it("[C6] binds neither the system layers themselves nor other keys", async () => {
    const { value } = await load({
      files: {
        [SHIPPED]: { "@locked": ["listen.port"] },
        [SYSTEM]: { listen: { port: 1 } },
        [USER]: { listen: {}, workers: { count: 1 } },
      },
    });
    expect(value.listen.port).toBe(1);
  });

  it("[C6] refuses a lock on a key that does not exist, and @locked outside system files", async () => {
    const { problems } = await refusal({ files: { [SYSTEM]: { "@locked": ["listen.prot"] }, [USER]: { "@locked": [] } } });
    expect(problems.map(({ source, path }) => `${source} ${path}`)).toEqual([`${SYSTEM} @locked[0]`, `${USER} @locked`]);
  });
});

describe("secrets", () => {
  const files = { [AGENT]: { secrets: { api_key: "vault:web/key-1" } } };

  it("[C7] stay references and print redacted everywhere", async () => {
    const loaded = await load({ files });
    const secret = loaded.value.agents.kExecutor?.["web"]?.secrets?.["api_key"];
    expect(secret?.id).toBe("web/key-1");
    for (const text of [
      String(secret),
      JSON.stringify(loaded.value),
      inspect(loaded.value, { depth: null }),
      JSON.stringify(loaded.explain("agents")),
    ]) {
      expect(text).toContain("[redacted]");
      expect(text).not.toContain("web/key-1");
    }
  });

  it("[C7] [R45] are refused in clear without being repeated", async () => {
    const { error, problems } = await refusal({ files: { [AGENT]: { secrets: { api_key: "hunter2" } } } });
    expect(problems[0]?.path).toBe("agents.kExecutor.web.secrets.api_key");
    expect(error.message).toContain("vault:<id>");
    expect(inspect(error)).not.toContain("hunter2");
  });
});

describe("explain", () => {
  it("[C8] says which layer set a value and which it overrode, nearest first", async () => {
    const { explain } = await load({
      files: { [SYSTEM]: { listen: { port: 4002 } }, [USER]: { listen: { port: 4003 } } },
      env: { KOS_LISTEN__PORT: "4004" },
    });
    expect(explain("listen.port")).toMatchObject({
      key: "listen.port",
      value: 4004,
      layer: "environment",
      file: "KOS_LISTEN__PORT",
      overridden: [
        { value: 4003, layer: "user", file: USER, line: 3 },
        { value: 4002, layer: "system", file: SYSTEM, line: 3 },
        { value: 3000, layer: "built-in" },
      ],
    });
  });

  it("[C8] tells who deleted a key, who locked it, and explains a section by its parts", async () => {
    const { explain } = await load({
      files: { [SYSTEM]: { "@locked": ["listen"], audit: { checkpoint_path: "/x" } }, [USER]: { audit: null } },
      flags: { audit: {} },
    });
    expect(explain("audit.checkpoint_path")).toMatchObject({
      value: undefined,
      layer: "user",
      overridden: [{ value: "/x", layer: "system" }],
    });
    expect(explain("listen.port").locked_by).toBe(SYSTEM);
    expect(explain("content_origin").parts?.map(({ key, layer }) => `${key} ${layer}`)).toEqual([
      "content_origin.host built-in",
      "content_origin.port built-in",
    ]);
  });

  it("[C8] refuses a key that does not exist, with the one that was meant", async () => {
    const { explain } = await load();
    expect(() => explain("listen.prot")).toThrow("Did you mean listen.port?");
    expect(() => explain("listen..port")).toThrow("is not a configuration key");
  });
});

describe("rules between keys", () => {
  it("[R2] refuses a host others can reach unless it is allowed and TLS is settled", async () => {
    const open = { listen: { host: "0.0.0.0" } };
    expect((await refusal({ files: { [USER]: open } })).problems).toEqual([
      { layer: "user", source: USER, path: "listen.host", line: 3, message: expect.stringContaining("listen.allow_remote") },
    ]);
    const allowed = { listen: { host: "0.0.0.0", allow_remote: true } };
    expect((await refusal({ files: { [USER]: allowed } })).problems[0]?.message).toContain("listen.tls");
    const settled = { listen: { host: "0.0.0.0", allow_remote: true, behind_proxy: true } };
    expect((await load({ files: { [USER]: settled } })).value.listen.host).toBe("0.0.0.0");
  });

  it("[R99] refuses untrusted content on the console's own name or port", async () => {
    const { problems } = await refusal({ flags: { "content_origin.host": "localhost", "content_origin.port": 3000 } });
    expect(problems.map(({ path }) => path)).toEqual(["content_origin.port", "content_origin.host"]);
  });

  it("refuses a time zone that does not exist", async () => {
    expect((await refusal({ flags: { "profile.time_zone": "Europe/Berln" } })).problems[0]?.path).toBe("profile.time_zone");
    expect((await load({ flags: { "profile.time_zone": "Europe/Berlin" } })).value.profile.time_zone).toBe("Europe/Berlin");
  });
});
