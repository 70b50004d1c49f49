import { chmod, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkCryptography, checkDataFolder, checkDisk, checkMemoryLimit, checkPort, checkRuntime } from "./machine-checks.ts";

const uid = process.getuid?.();

describe("the doctor", () => {
  it("[R43] finds a data folder, and files and keys in it, that others can read", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kai-doctor-"));
    await mkdir(join(folder, "keys"), { mode: 0o700 });
    await writeFile(join(folder, "owner.token"), "x", { mode: 0o600 });
    await writeFile(join(folder, "keys", "node.key"), "x", { mode: 0o600 });
    expect(await checkDataFolder(folder, uid)).toMatchObject([{ state: "good" }]);
    await chmod(join(folder, "keys", "node.key"), 0o644);
    expect(await checkDataFolder(folder, uid)).toMatchObject([{ state: "bad", detail: expect.stringContaining("keys/node.key") }]);
    await chmod(folder, 0o755);
    expect(await checkDataFolder(folder, uid)).toMatchObject([{ state: "bad", advice: expect.stringContaining("chmod 700") }]);
    expect(await checkDataFolder(folder, (uid ?? 0) + 1)).toMatchObject([
      { state: "bad", detail: expect.stringContaining("another user") },
    ]);
    expect(await checkDataFolder(join(folder, "none"), uid)).toMatchObject([{ state: "note" }]);
  });

  it("finds a runtime that is too old", () => {
    expect(checkRuntime("v22.1.0", "/node").state).toBe("bad");
    expect(checkRuntime("v24.9.0", "/node")).toMatchObject({ state: "note", detail: expect.stringContaining("network") });
    expect(checkRuntime("v26.0.0", "/node").state).toBe("good");
    expect(checkCryptography().state).toBe("good");
  });

  it("says of a port whether it can be used", async () => {
    const server = createServer().listen(0, "localhost");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await checkPort(port)).toMatchObject({ state: "note", detail: expect.stringContaining("EADDRINUSE") });
    await new Promise((resolve) => server.close(resolve));
    expect((await checkPort(port)).state).toBe("good");
  });

  it("[R89] says where processes that read hostile files have no limit on memory, and what to install", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kai-doctor-"));
    expect(await checkMemoryLimit("linux", folder)).toMatchObject({ state: "note", advice: expect.stringContaining("util-linux") });
    await writeFile(join(folder, "prlimit"), "#!/bin/sh\necho prlimit of a test\n", { mode: 0o755 });
    expect(await checkMemoryLimit("linux", folder)).toMatchObject({ state: "good", detail: expect.stringContaining("prlimit of a test") });
    expect(await checkMemoryLimit("darwin", folder)).toMatchObject({
      state: "note",
      detail: expect.stringContaining("no limit on memory"),
    });
  });

  it("looks at the disk that a folder will lie on", async () => {
    expect((await checkDisk(join(tmpdir(), "not", "there"))).detail).toContain("free");
  });
});
