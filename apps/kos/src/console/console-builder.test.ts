import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createConsoleBuilder } from "./console-builder.ts";

/** A builder over a program of the test's own. */
function builderOf(source: string | undefined) {
  const root = mkdtempSync(join(tmpdir(), "kos-builder-"));
  const folder = join(root, "console");
  const program = join(root, "program.mjs");
  if (source !== undefined)
    writeFileSync(
      program,
      `import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";\nconst folder = ${JSON.stringify(folder)};\n${source}`,
    );
  const failures: string[] = [];
  const builder = createConsoleBuilder({
    folder,
    program,
    env: { PATH: process.env["PATH"] },
    onFailure: (message) => failures.push(message),
  });
  return {
    root,
    folder,
    builder,
    failures,
    settled: () => expect.poll(() => builder.status().state, { timeout: 20_000 }).not.toBe("building"),
    async [Symbol.asyncDispose]() {
      await builder[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const BUILD = 'mkdirSync(folder, { recursive: true }); writeFileSync(folder + "/index.html", "x");';
const say = (line: object) => `console.log(${JSON.stringify(JSON.stringify(line))});`;

describe("building the console", () => {
  it("is absent without its program, and ready when it was built before", async () => {
    await using without = builderOf(undefined);
    expect(without.builder.start()).toEqual({ state: "absent" });
    mkdirSync(without.folder);
    writeFileSync(join(without.folder, "index.html"), "x");
    const again = createConsoleBuilder({ folder: without.folder, program: "/nowhere", env: {}, onFailure: () => undefined });
    expect(again.start()).toEqual({ state: "ready" });
  });

  it("runs the program once, however often it is asked for, and tells how far it is", async () => {
    await using building = builderOf(`
      appendFileSync(folder + ".runs", process.pid + " ");
      console.log("not JSON"); console.log("[]"); console.log('{"event":"progress","step":"dance"}');
      ${say({ event: "progress", step: "install", done: 3, total: 45 })}
      process.once("SIGUSR2", () => { ${BUILD} process.exit(0); });
      setInterval(() => undefined, 1000);
    `);
    expect(building.builder.status()).toEqual({ state: "missing" });
    expect(building.builder.start().state).toBe("building");
    building.builder.start();
    await expect
      .poll(() => building.builder.status(), { timeout: 20_000 })
      .toEqual({ state: "building", step: "install", done: 3, total: 45 });
    const runs = () => readFileSync(`${building.folder}.runs`, "utf8").trim().split(" ").map(Number);
    process.kill(runs()[0] ?? 0, "SIGUSR2");
    await building.settled();
    expect(building.builder.status()).toEqual({ state: "ready" });
    expect(building.builder.start()).toEqual({ state: "ready" });
    expect(runs()).toHaveLength(1);
  });

  it("says why it failed, and can be tried again", async () => {
    await using building = builderOf(`${say({ event: "failed", message: "npm cannot reach its package registry." })} process.exit(1);`);
    building.builder.start();
    await building.settled();
    expect(building.builder.status()).toEqual({ state: "failed", message: "npm cannot reach its package registry." });
    expect(building.failures).toEqual(["npm cannot reach its package registry."]);
    expect(building.builder.start().state).toBe("building");
  });

  it("that was cut off without a word has failed, too", async () => {
    await using building = builderOf("process.kill(process.pid, 'SIGKILL');");
    building.builder.start();
    await building.settled();
    expect(building.builder.status()).toMatchObject({ state: "failed", message: expect.stringMatching(/cut off/) });
  });

  it("ends with the node", async () => {
    const building = builderOf("setInterval(() => undefined, 1000);");
    building.builder.start();
    await building[Symbol.asyncDispose]();
    expect(building.builder.status().state).toBe("failed");
  });
});
