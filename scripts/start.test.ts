// `npm start` as a person meets it, on a small checkout of its own: a copy of the set-up scripts, stand-ins for kai and the node, this checkout's
// packages and runtime. Nothing is fetched.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "./setup/checkout.mjs";

let base: string;
let checkout: string;
let elsewhere: string;

const kai = `import { createRequire } from "node:module";
import { answer } from "@kos/klp";
import { part } from "#part";
import old from "./old.cjs";
const require = createRequire(import.meta.url);
if (process.argv[2] === "wait") {
  process.on("SIGINT", () => { console.log("interrupted"); process.exit(130); });
  console.log("waiting");
  setInterval(() => {}, 1000);
} else {
  console.log(JSON.stringify({ argv: process.argv.slice(2), cwd: process.cwd(), answer, part, old: old.sep, own: require("node:path").sep }));
  if (process.argv[2] === "exit") process.exitCode = Number(process.argv[3]);
}
`;

const node = "console.log(JSON.stringify({ role: 'node', argv: process.argv.slice(2), cwd: process.cwd() }));\n";

function put(file: string, text: string): void {
  mkdirSync(path.join(checkout, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(checkout, file), text);
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], options: { env?: NodeJS.ProcessEnv; interruptAt?: string } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [path.join(checkout, "scripts", "start.mjs"), ...args], {
    cwd: elsewhere,
    env: { PATH: process.env["PATH"], HOME: base, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (options.interruptAt !== undefined && stdout.includes(options.interruptAt)) child.kill("SIGINT");
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

const bundleTime = (): number => statSync(path.join(checkout, "dist", "kai.js")).mtimeMs;

beforeAll(() => {
  base = mkdtempSync(path.join(tmpdir(), "kos start "));
  checkout = path.join(base, "a checkout");
  elsewhere = path.join(base, "where the person stands");
  mkdirSync(elsewhere);
  mkdirSync(checkout);
  cpSync(path.join(root, "scripts"), path.join(checkout, "scripts"), { recursive: true, filter: (file) => !file.endsWith(".ts") });
  put("package.json", JSON.stringify({ name: "kos", private: true, type: "module" }));
  put("package-lock.json", JSON.stringify({ packages: { "": {} } }));
  put("apps/kai/package.json", JSON.stringify({ name: "@kos/kai", type: "module", imports: { "#part": "./src/part-a.ts" } }));
  put("apps/kai/src/main.ts", kai);
  put("apps/kos/src/roles/node.ts", node);
  put("apps/kai/src/old.cjs", 'module.exports = { sep: require("node:path").sep };\n');
  put("apps/kai/src/part-a.ts", 'export const part = "a";\n');
  put("apps/kai/src/part-b.ts", 'export const part = "b";\n');
  put("protocols/klp/package.json", JSON.stringify({ name: "@kos/klp", type: "module", exports: { ".": "./src/index.ts" } }));
  put("protocols/klp/src/index.ts", "export const answer = 41;\n");
  put("node_modules/.package-lock.json", JSON.stringify({ packages: {} }));
  for (const name of ["esbuild", "@esbuild"]) symlinkSync(path.join(root, "node_modules", name), path.join(checkout, "node_modules", name));
  mkdirSync(path.join(checkout, "node_modules", "@kos"));
  symlinkSync(path.join(checkout, "protocols", "klp"), path.join(checkout, "node_modules", "@kos", "klp"));
});

afterAll(() => rmSync(base, { recursive: true, force: true }));

describe("npm start", () => {
  test("builds, then runs kai where the person stands, with the arguments and the exit code passed on", async () => {
    const first = await start(["exit", "3", "--path", "../a b", ""]);
    expect(first.stderr).toMatch(/building kai/);
    expect(first.code).toBe(3);
    expect(JSON.parse(first.stdout)).toEqual({
      argv: ["exit", "3", "--path", "../a b", ""],
      cwd: elsewhere,
      answer: 41,
      part: "a",
      old: "/",
      own: "/",
    });
  });

  test("runs the node without arguments, and says nothing when there is nothing to do", async () => {
    const again = await start([]);
    expect(JSON.parse(again.stdout)).toEqual({ role: "node", argv: [], cwd: elsewhere });
    expect(again.stderr).toBe("");
  });

  test("believes npm's word on where the person stood only for this script", async () => {
    const env = { INIT_CWD: base, npm_package_json: path.join(checkout, "package.json"), npm_lifecycle_event: "start" };
    expect(JSON.parse((await start(["x"], { env })).stdout).cwd).toBe(base);
    expect(JSON.parse((await start(["x"], { env: { ...env, npm_lifecycle_event: "test" } })).stdout).cwd).toBe(elsewhere);
    expect(JSON.parse((await start(["x"], { env: { ...env, npm_package_json: "/other/package.json" } })).stdout).cwd).toBe(elsewhere);
  });

  test("hands one interrupt on as one, and passes on how kai ended", async () => {
    expect(await start(["wait"], { interruptAt: "waiting" })).toMatchObject({ code: 130, stdout: "waiting\ninterrupted\n" });
  });
});

describe("the bundle", () => {
  test("is built again when a source changed, also to an older time as git may set", async () => {
    put("protocols/klp/src/index.ts", "export const answer = 42;\n");
    utimesSync(path.join(checkout, "protocols/klp/src/index.ts"), 1_000_000, 1_000_000);
    expect(JSON.parse((await start(["x"])).stdout).answer).toBe(42);
  });

  test("is kept when a file was only touched", async () => {
    await start(["x"]);
    const before = bundleTime();
    utimesSync(path.join(checkout, "apps/kai/src/main.ts"), 2_000_000, 2_000_000);
    expect((await start(["x"])).stderr).toBe("");
    expect(bundleTime()).toBe(before);
  });

  test("is built again when a package.json gives an import another meaning", async () => {
    put("apps/kai/package.json", JSON.stringify({ name: "@kos/kai", type: "module", imports: { "#part": "./src/part-b.ts" } }));
    expect(JSON.parse((await start(["x"])).stdout).part).toBe("b");
  });

  test("is joined by that of a role that is new", async () => {
    put("apps/kos/src/roles/worker.ts", "export {};\n");
    expect((await start(["x"])).stderr).toMatch(/building kai, node, worker/);
    expect(statSync(path.join(checkout, "dist", "worker.js")).isFile()).toBe(true);
  });

  test("is built again after a build that was cut off", async () => {
    rmSync(path.join(checkout, "dist", "build.json"));
    expect((await start(["x"])).stderr).toMatch(/building/);
  });

  test("is not replaced by a broken source, whose place is named", async () => {
    const source = path.join(checkout, "apps/kai/src/part-b.ts");
    const good = readFileSync(source, "utf8");
    writeFileSync(source, "export const part = ;\n");
    const broken = await start(["x"]);
    expect(broken).toMatchObject({ code: 1, stdout: "" });
    expect(broken.stderr).toMatch(/apps\/kai\/src\/part-b\.ts:1:\d+: .*\n[\s\S]*mend the lines above/);
    writeFileSync(source, good);
    expect((await start(["x"])).code).toBe(0);
  });

  test("is built once by two starts at the same time", async () => {
    put("protocols/klp/src/index.ts", "export const answer = 43;\n");
    const both = await Promise.all([start(["x"]), start(["x"])]);
    expect(both.map(({ stdout }) => JSON.parse(stdout).answer)).toEqual([43, 43]);
    expect(both.filter(({ stderr }) => stderr.includes("building"))).toHaveLength(1);
  });
});
