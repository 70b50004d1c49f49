import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { boundsNetwork, confinement, memoryLimit, type Needs } from "./confinement.ts";

/** What a parser that an attacker has taken over would try, as a program; it prints what came of each. */
const PROBE = `
import { createRequire } from "node:module";
import * as fs from "node:fs";
const [root, data, code] = process.argv.slice(2);
const came = {};
const attempt = async (name, run) => {
  try { came[name] = await run() === "refused" ? "refused" : "allowed"; } catch (error) { came[name] = error.code ?? error.name; }
};
await attempt("its own code", () => fs.readFileSync(code + "/probe.js"));
await attempt("a file of the call", () => fs.readFileSync(root + "/file"));
await attempt("a file with a comma", () => fs.readFileSync(root + "/a,b"));
await attempt("its own key", () => fs.readFileSync(data + "/keys/kExecutor-documents.key"));
await attempt("a path out of the root", () => fs.readFileSync(root + "/../outside/file"));
await attempt("the sibling with the same beginning", () => fs.readFileSync(root + "-sibling/file"));
await attempt("another file by way of /proc", () => fs.readFileSync("/proc/self/root" + data + "/owner.token"));
await attempt("another agent's key", () => fs.readFileSync(data + "/keys/node.key"));
await attempt("the owner's token", () => fs.readFileSync(data + "/owner.token"));
await attempt("the blobs", () => fs.readdirSync(data + "/blobs"));
await attempt("the environment of others", () => fs.readFileSync("/proc/1/environ"));
await attempt("writing into the root", () => fs.writeFileSync(root + "/new", ""));
await attempt("writing a blob", () => fs.writeFileSync(data + "/blobs/new", ""));
await attempt("writing a temporary file", async () => fs.writeFileSync((await import("node:os")).tmpdir() + "/kos-probe", ""));
await attempt("a symlink", () => fs.symlinkSync(data + "/owner.token", root + "/link"));
await attempt("a program", async () => (await import("node:child_process")).execFileSync("/bin/true"));
await attempt("a program in its place", () => process.execve("/bin/true", ["true"]));
await attempt("a database", () => new (process.getBuiltinModule("node:sqlite").DatabaseSync)(root + "/new.db").exec("CREATE TABLE t (a)"));
await attempt("a report", () => process.report.writeReport("kos-report.json"));
await attempt("a picture of the memory", async () => (await import("node:v8")).writeHeapSnapshot("kos-heap"));
await attempt("a trace", async () => (await import("node:trace_events")).createTracing({ categories: ["v8"] }).enable());
await attempt("a thread", async () => new (await import("node:worker_threads")).Worker("", { eval: true }));
await attempt("a connection", async () => {
  const socket = (await import("node:net")).connect(9, "127.0.0.1");
  const { promise, resolve, reject } = Promise.withResolvers();
  socket.once("error", reject).once("connect", resolve);
  await promise;
});
await attempt("a name", async () => (await import("node:dns")).promises.lookup("localhost"));
await attempt("a fetch", async () => { try { await fetch("http://127.0.0.1:1021/"); } catch (error) { throw error.cause?.code ? error.cause : { code: error.code ?? "refused" }; } });
await attempt("a datagram", async () => {
  const socket = (await import("node:dgram")).createSocket("udp4");
  const { promise, resolve, reject } = Promise.withResolvers();
  socket.once("error", reject).send("x", 9, "127.0.0.1", (error) => (error ? reject(error) : resolve()));
  await promise;
  socket.close();
});
await attempt("native code", () => process.dlopen({ exports: {} }, root + "/file"));
await attempt("code from a text", () => Function("return 1")());
await attempt("the debugger", async () => (await import("node:inspector")).open(0));
process.stdout.write(JSON.stringify(came));
`;

interface Place extends Disposable {
  readonly root: string;
  readonly data: string;
  readonly code: string;
}

function place(): Place {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "kos-confinement-")));
  const [root, data, code] = [join(folder, "root"), join(folder, "data"), join(folder, "code", "dist")];
  const files = [
    "root/file",
    "root/a,b",
    "outside/file",
    "root-sibling/file",
    "data/owner.token",
    "data/blobs/x",
    "data/keys/kExecutor-documents.key",
  ];
  for (const file of [...files, "data/keys/node.key", "code/dist/x"]) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), "content");
  }
  writeFileSync(join(folder, "code/package.json"), '{"type":"module"}');
  writeFileSync(join(code, "probe.js"), PROBE);
  return { root, data, code, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

function run(program: string, args: readonly string[]): Promise<{ readonly output: string; readonly errors: string }> {
  return new Promise((resolve) => {
    execFile(program, [...args], { env: {}, maxBuffer: 1e8 }, (_error, output, errors) => resolve({ output, errors }));
  });
}

/** What came of each attempt in a process with these needs. */
async function attempts(made: Place, needs: Needs): Promise<Readonly<Record<string, string>>> {
  const entry = join(made.code, "probe.js");
  const options = confinement({ entry, data: made.data, agentId: "kExecutor:documents", needs, fsRoots: [made.root] });
  const { output, errors } = await run(process.execPath, [...options, entry, made.root, made.data, made.code]);
  return JSON.parse(output || errors) as Record<string, string>;
}

/** How the runtime refuses; `TypeError`: there is no such module. */
const REFUSALS: ReadonlySet<string | undefined> = new Set([
  "ERR_ACCESS_DENIED",
  "ERR_DLOPEN_DISABLED",
  "EvalError",
  "TypeError",
  "refused",
]);
const ROOTS_ONLY: Needs = { roots: true, network: false };

// An older runtime lets everybody reach the network: there these attempts tell nothing.
describe.skipIf(!boundsNetwork())("a confined process", () => {
  test("reads its code, its key and the call's roots, and can do nothing else", async () => {
    using made = place();
    const came = await attempts(made, ROOTS_ONLY);
    const names = Object.keys(came);
    const allowed = ["its own code", "a file of the call", "a file with a comma", "its own key"];
    expect(names.filter((name) => came[name] === "allowed")).toEqual(allowed);
    expect(names.filter((name) => !allowed.includes(name) && !REFUSALS.has(came[name]))).toEqual([]);
    expect(names).toHaveLength(29);
  });

  test("that reads the web reaches the network and still no file, no other program, no disk", async () => {
    using made = place();
    const came = await attempts(made, { roots: false, network: true });
    const names = Object.keys(came);
    expect(names.filter((name) => !REFUSALS.has(came[name]))).toEqual([
      "its own code",
      "its own key",
      "a connection",
      "a name",
      "a fetch",
      "a datagram",
    ]);
    expect(came).toMatchObject({ "a connection": "ECONNREFUSED", "a fetch": "ECONNREFUSED", "a name": "allowed", "a datagram": "allowed" });
    expect(names).toHaveLength(29);
  });

  test("is refused a root whose name the runtime would take for a pattern", async () => {
    const options = confinement({
      entry: "/code/dist/worker.js",
      data: "/data",
      agentId: "a:b",
      needs: ROOTS_ONLY,
      fsRoots: ["/home/*", "relative", "/home/a"],
    });
    expect(options.filter((option) => option.startsWith("--allow-fs-read=/home") || option.includes("relative"))).toEqual([
      "--allow-fs-read=/home/a",
    ]);
    expect(options.some((option) => option.startsWith("--allow-fs-write"))).toBe(false);
  });

  test("follows links that are there already: who opens files has to look", async () => {
    using made = place();
    symlinkSync(join(made.data, "owner.token"), join(made.root, "link"));
    writeFileSync(
      join(made.code, "read.js"),
      'import { readFileSync } from "node:fs"; process.stdout.write(readFileSync(process.argv[2], "utf8"));',
    );
    const entry = join(made.code, "read.js");
    const options = confinement({ entry, data: made.data, agentId: "a:b", needs: ROOTS_ONLY, fsRoots: [made.root] });
    expect((await run(process.execPath, [...options, entry, join(made.root, "link")])).output).toBe("content");
  });
});

// needs: prlimit
const missing = (process.env["KOS_TEST_MISSING"] ?? "").split(",");
describe.skipIf(process.platform !== "linux" || missing.includes("prlimit"))("the limit on memory", () => {
  const PATHS = "/usr/bin:/bin";

  test("[R89] makes buffers beyond it an error that can be caught", async () => {
    const [limiter = "", ...limits] = memoryLimit(128, PATHS);
    const grab =
      "const held = []; try { for (;;) held.push(Buffer.alloc(67108864, 1)); } catch (error) { console.log(error.name, held.length < 16); }";
    const { output } = await run(limiter, [...limits, process.execPath, "--max-old-space-size=128", "-e", grab]);
    expect(output).toBe("RangeError true\n");
  });

  test("leaves the heap its size", async () => {
    const [limiter = "", ...limits] = memoryLimit(128, PATHS);
    const fill =
      "const held = []; while (process.memoryUsage().heapUsed < 90e6) held.push(new Array(1000).fill(held.length)); console.log('filled');";
    const { output } = await run(limiter, [...limits, process.execPath, "--max-old-space-size=128", "-e", fill]);
    expect(output).toBe("filled\n");
  });

  test("is nothing where there is no program for it", () => {
    expect(memoryLimit(128, "/nowhere:relative")).toEqual([]);
  });
});
