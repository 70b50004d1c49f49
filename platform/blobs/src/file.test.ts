import type { FileHandle } from "node:fs/promises";
import { mkdtemp, open, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashText } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { testBlobsContract } from "./blobs.contract.ts";
import { fileBlobs } from "./file.ts";
import { type BlobFileSystem, nodeFiles } from "./file-system.ts";

const HELLO = new TextEncoder().encode("hello blobs");
const HASH = hashText(HELLO);

function pathOf(dir: string, hash: string): string {
  const hex = hash.slice("sha256:".length);
  return join(dir, hex.slice(0, 2), hex.slice(2, 4), hex);
}

async function scratch(): Promise<AsyncDisposable & { readonly dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), "kos-blobs-"));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) };
}

async function filesBelow(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

testBlobsContract("files", async () => {
  const place = await scratch();
  const blobs = await fileBlobs(join(place.dir, "blobs"));
  return {
    blobs,
    async age(hash) {
      const yesterday = new Date((await stat(pathOf(join(place.dir, "blobs"), hash))).mtimeMs - 86_400_000);
      await utimes(pathOf(join(place.dir, "blobs"), hash), yesterday, yesterday);
    },
    async damage(hash) {
      const path = pathOf(join(place.dir, "blobs"), hash);
      const content = await readFile(path);
      content[0] = (content[0] ?? 0) ^ 1;
      await writeFile(path, content);
    },
    async [Symbol.asyncDispose]() {
      await blobs[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
});

describe("blobs as files", () => {
  it("[B11] [R43] keeps files 0600 and folders 0700, two levels below the folder", async () => {
    await using place = await scratch();
    const dir = join(place.dir, "blobs");
    const blobs = await fileBlobs(dir);
    await blobs.put(HELLO);
    const path = pathOf(dir, HASH);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    for (const folder of [dir, join(path, ".."), join(path, "../..")]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it("[B15] a blob that a sweep had taken aside when it was cut off is back at the next opening", async () => {
    await using place = await scratch();
    const blobs = await fileBlobs(place.dir);
    await blobs.put(HELLO);
    const yesterday = new Date((await stat(pathOf(place.dir, HASH))).mtimeMs - 86_400_000);
    await utimes(pathOf(place.dir, HASH), yesterday, yesterday);
    expect(await (await blobs.sweep()).delete(HASH)).toBe(true);
    await blobs.put(HELLO);
    await nodeFiles.rename(pathOf(place.dir, HASH), join(place.dir, "incoming", `${HASH.slice(7)}.aside`));
    const again = await fileBlobs(place.dir);
    expect(await again.get(HASH)).toEqual(HELLO);
  });

  it("[B12] is there for a second opening of the same folder", async () => {
    await using place = await scratch();
    await (await fileBlobs(place.dir)).put(HELLO);
    const again = await fileBlobs(place.dir);
    expect(await again.get(HASH)).toEqual(HELLO);
  });

  it("[B12] acknowledges only after file, name and folder are synced, in this order", async () => {
    await using place = await scratch();
    const steps: string[] = [];
    const blobs = await fileBlobs(place.dir, { files: recorded(steps) });
    steps.length = 0;
    await blobs.put(HELLO);
    steps.push("acknowledged");
    const folder = join(pathOf(place.dir, HASH), "..");
    const file = steps.findIndex((step) => step.startsWith("sync ") && step.includes("incoming"));
    const rename = steps.findIndex((step) => step.startsWith("rename "));
    const parents = [`sync ${place.dir}`, `sync ${join(folder, "..")}`].map((step) => steps.indexOf(step));
    const last = steps.lastIndexOf(`sync ${folder}`);
    expect(file).toBeGreaterThanOrEqual(0);
    expect(rename).toBeGreaterThan(file);
    expect(Math.min(...parents)).toBeGreaterThanOrEqual(0);
    expect(last).toBeGreaterThan(rename);
    expect(steps.indexOf("acknowledged")).toBeGreaterThan(last);
  });

  it("[B12] syncs the folder also when the bytes were there already", async () => {
    await using place = await scratch();
    await (await fileBlobs(place.dir)).put(HELLO);
    const steps: string[] = [];
    const other = await fileBlobs(place.dir, { files: recorded(steps) });
    await other.put(HELLO);
    expect(steps.some((step) => step.startsWith("rename "))).toBe(false);
    expect(steps.at(-1)).toBe(`sync ${join(pathOf(place.dir, HASH), "..")}`);
  });

  for (const [step, code, expected] of [
    ["write", "ENOSPC", "STORAGE_FULL"],
    ["write", "EDQUOT", "STORAGE_FULL"],
    ["sync", "ENOSPC", "STORAGE_FULL"],
    ["sync", "EIO", "UNAVAILABLE"],
    ["rename", "EIO", "UNAVAILABLE"],
    ["open", "EACCES", "UNAVAILABLE"],
  ] as const) {
    it(`[B10] [R111] answers ${expected} when ${step} fails with ${code}, and leaves nothing behind`, async () => {
      await using place = await scratch();
      const fault = { step: "", code };
      const blobs = await fileBlobs(place.dir, { files: faulty(fault) });
      fault.step = step;
      await expect(blobs.put(HELLO)).rejects.toMatchObject({ code: expected, cause: { code } });
      fault.step = "";
      expect(await filesBelow(place.dir)).toEqual([]);
      await blobs.put(HELLO);
      expect(await blobs.get(HASH)).toEqual(HELLO);
    });
  }

  it("[B13] sweeps what crashed puts left, but not a put that is still going on", async () => {
    await using place = await scratch();
    await fileBlobs(place.dir);
    const old = join(place.dir, "incoming", "crashed");
    const young = join(place.dir, "incoming", "going-on");
    await Promise.all([writeFile(old, "x"), writeFile(young, "x")]);
    const madeAt = (await stat(old)).mtimeMs;
    await utimes(old, new Date(madeAt), new Date(madeAt - 3_601_000));
    await utimes(young, new Date(madeAt), new Date(madeAt - 1_800_000));
    await fileBlobs(place.dir);
    expect(await readdir(join(place.dir, "incoming"))).toEqual(["going-on"]);
  });

  it("[B6] [R124] keeps the damaged bytes in quarantine for a person to look at", async () => {
    await using place = await scratch();
    const blobs = await fileBlobs(place.dir);
    await blobs.put(HELLO);
    await writeFile(pathOf(place.dir, HASH), "hello blabs");
    await expect(blobs.get(HASH)).rejects.toMatchObject({ code: "INTERNAL" });
    const [name = ""] = await readdir(join(place.dir, "quarantine"));
    expect(name.startsWith(HASH.slice(7))).toBe(true);
    expect(await readFile(join(place.dir, "quarantine", name), "utf8")).toBe("hello blabs");
  });

  it("[B6] [R124] finds a blob that was cut short or made longer", async () => {
    for (const content of ["hello", "hello blobs and more", ""]) {
      await using place = await scratch();
      const blobs = await fileBlobs(place.dir);
      await blobs.put(HELLO);
      await writeFile(pathOf(place.dir, HASH), content);
      await expect(blobs.get(HASH)).rejects.toMatchObject({ code: "INTERNAL" });
    }
  });

  it("[B7] [R92] does not follow a link in the place of a blob", async () => {
    await using place = await scratch();
    const dir = join(place.dir, "blobs");
    const blobs = await fileBlobs(dir);
    await blobs.put(HELLO);
    await writeFile(join(place.dir, "outside"), HELLO);
    await rm(pathOf(dir, HASH));
    await symlink(join(place.dir, "outside"), pathOf(dir, HASH));
    await expect(blobs.get(HASH)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await blobs.stat(HASH)).toBeUndefined();
  });

  it("[B14] releases the file when a reader stops early", async () => {
    await using place = await scratch();
    const handles: FileHandle[] = [];
    const files: BlobFileSystem = {
      ...nodeFiles,
      async open(path, flags, mode) {
        const file = await open(path, flags, mode);
        handles.push(file);
        return file;
      },
    };
    const blobs = await fileBlobs(place.dir, { files });
    const { hash } = await blobs.put(new Uint8Array(1_000_000));
    for await (const piece of (await blobs.stream(hash)).content) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    for await (const _ of (await blobs.stream(hash, { start: 1 })).content) break;
    expect(handles.length).toBeGreaterThan(0);
    expect(handles.map(({ fd }) => fd)).toEqual(handles.map(() => -1));
  });
});

/** A file system that notes every sync and rename. */
function recorded(steps: string[]): BlobFileSystem {
  return {
    ...nodeFiles,
    async open(path, flags, mode) {
      const file = await open(path, flags, mode);
      return withMethod(file, "sync", async () => {
        await file.sync();
        steps.push(`sync ${path}`);
      });
    },
    async rename(from, to) {
      await nodeFiles.rename(from, to);
      steps.push(`rename ${to}`);
    },
  };
}

/** A file system on which one kind of step fails while `fault.step` names it. */
function faulty(fault: { step: string; readonly code: string }): BlobFileSystem {
  const fail = (step: string) => {
    if (fault.step === step) throw Object.assign(new Error(`${fault.code}: planted`), { code: fault.code });
  };
  return {
    ...nodeFiles,
    async open(path, flags, mode) {
      if (flags !== "r") fail("open");
      const file = await open(path, flags, mode);
      const synced = withMethod(file, "sync", async () => {
        fail("sync");
        await file.sync();
      });
      return withMethod(synced, "write", async (content: Uint8Array, offset: number, length: number) => {
        fail("write");
        return file.write(content, offset, length);
      });
    },
    async rename(from, to) {
      fail("rename");
      await nodeFiles.rename(from, to);
    },
  };
}

function withMethod(file: FileHandle, name: "sync" | "write", method: unknown): FileHandle {
  return new Proxy(file, {
    get(target, key) {
      if (key === name) return method;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
