import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { planView, taskView } from "@kos/api/scripted-run.fixture";
import { KosError } from "@kos/klp";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startFakeNode } from "../testing/fake-node.ts";
import { createTestMachine } from "../testing/test-machine.ts";
import { attachToNode, connectToNode } from "./connect.ts";
import { dataFolderOf, readOwnerToken } from "./data-files.ts";
import { startJobNode } from "./start-node.ts";

const PROGRAM = fileURLToPath(new URL("../testing/node-program.ts", import.meta.url));
const VIEW = planView([taskView("a")]);
const started: number[] = [];

afterEach(() => {
  vi.unstubAllEnvs();
  for (const pid of started.splice(0)) process.kill(pid, "SIGTERM");
});

const never = new AbortController().signal;
const mustNotStart = async () => Promise.reject(new Error("no node was to be started"));

describe("finding a node", () => {
  it("attaches to the one that runs, without starting another", async () => {
    const machine = await createTestMachine();
    const data = join(machine.cwd, "data");
    await using node = await startFakeNode({ dataFolder: data, view: VIEW });
    const session = await connectToNode(machine, data, mustNotStart, never);
    expect(session).toMatchObject({ isOwnNode: false, node: { url: node.url } });
  });

  it("starts one where none runs, in a private folder, and it outlives us", async () => {
    const machine = await createTestMachine({ nodeProgram: PROGRAM });
    const data = join(machine.cwd, "data");
    const session = await connectToNode(machine, data, (signal) => startJobNode(machine, data, signal), never);
    started.push(session.node.pid);
    expect(session.isOwnNode).toBe(true);
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    expect(session.node.pid).not.toBe(process.pid);
    expect(await session.client.call("ready", {})).toEqual({ status: "ready" });
    expect((await attachToNode(machine, data))?.node.pid).toBe(session.node.pid);
  });

  it("takes the node of whoever was faster", async () => {
    const machine = await createTestMachine();
    const data = join(machine.cwd, "data");
    let node: Awaited<ReturnType<typeof startFakeNode>> | undefined;
    const lost = async () => {
      node = await startFakeNode({ dataFolder: data, view: VIEW });
      throw new KosError("CONFLICT", "Another node has the folder.");
    };
    const session = await connectToNode(machine, data, lost, never);
    expect(session.node.url).toBe(node?.url);
    await node?.[Symbol.asyncDispose]();
  });

  it("shows the node's own reason when it does not start", async () => {
    vi.stubEnv("KAI_TEST_NODE", "refuses");
    const machine = await createTestMachine({ nodeProgram: PROGRAM });
    const data = join(machine.cwd, "data");
    await expect(connectToNode(machine, data, (signal) => startJobNode(machine, data, signal), never)).rejects.toMatchObject({
      code: "STORE_NEWER",
    });
  });

  it("names the log of a node that dies without a word, and what it said is in there", async () => {
    vi.stubEnv("KAI_TEST_NODE", "dies");
    const machine = await createTestMachine({ nodeProgram: PROGRAM });
    const data = join(machine.cwd, "data");
    await expect(startJobNode(machine, data, never)).rejects.toThrow(join(data, "node.log"));
    expect(await readFile(join(data, "node.log"), "utf8")).toContain("something broke");
  });

  it("does not believe a node.json whose process is gone, or that is none", async () => {
    const machine = await createTestMachine();
    const data = join(machine.cwd, "data");
    await using _ = await startFakeNode({ dataFolder: data, view: VIEW });
    const file = JSON.parse(await readFile(join(data, "node.json"), "utf8"));
    expect(await attachToNode({ ...machine, isAlive: () => false }, data)).toBeUndefined();
    await writeFile(join(data, "node.json"), JSON.stringify({ ...file, pid: "1" }));
    expect(await attachToNode(machine, data)).toBeUndefined();
  });

  it("refuses an owner's token that others can read", async () => {
    const machine = await createTestMachine();
    await mkdir(join(machine.cwd, "data"));
    await writeFile(join(machine.cwd, "data", "owner.token"), "x", { mode: 0o644 });
    await expect(readOwnerToken(join(machine.cwd, "data"))).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(readOwnerToken(join(machine.cwd, "none"))).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });
});

describe("the data folder", () => {
  it("is --data, else KOS_DATA, else ~/.kos; relative to where the person stands", () => {
    const at = { cwd: "/here", home: "/people/ann" };
    expect(dataFolderOf({ ...at, env: { KOS_DATA: "/env" } }, "x")).toBe("/here/x");
    expect(dataFolderOf({ ...at, env: { KOS_DATA: "/env" } }, undefined)).toBe("/env");
    expect(dataFolderOf({ ...at, env: { KOS_DATA: "" } }, undefined)).toBe("/people/ann/.kos");
    expect(dataFolderOf({ ...at, env: {} }, "~/y")).toBe("/people/ann/y");
  });
});
