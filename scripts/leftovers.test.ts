import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { endLeftovers, findLeftovers, markName } from "./leftovers.mjs";

describe.runIf(process.platform === "linux")("a process left behind", () => {
  const start = (mark: string) =>
    spawn(process.execPath, ["-e", "process.stdin.resume()"], {
      env: { [markName]: mark },
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });

  test("is found by its mark however it detached, named and ended", async () => {
    const child = start("leftover-test-1");
    await once(child, "spawn");
    const exit = once(child, "exit");
    const left = await endLeftovers("leftover-test-1", { graceMs: 0 });
    expect(left.map(({ pid }) => pid)).toEqual([child.pid]);
    expect(left[0]?.command).toContain("process.stdin.resume()");
    expect((await exit)[1]).toBe("SIGKILL");
  });

  test("is not one that ends by itself within the grace, nor one of another run", async () => {
    const ending = start("leftover-test-2");
    const other = start("leftover-test-3");
    await Promise.all([once(ending, "spawn"), once(other, "spawn")]);
    const waiting = endLeftovers("leftover-test-2", { graceMs: 30_000 });
    ending.stdin?.end();
    expect(await waiting).toEqual([]);
    expect(findLeftovers("leftover-test-3").map(({ pid }) => pid)).toEqual([other.pid]);
    other.stdin?.end();
    await once(other, "exit");
  });
});
