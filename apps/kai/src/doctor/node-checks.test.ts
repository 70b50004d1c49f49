import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkRoots } from "./node-checks.ts";

it("names a folder of fs.roots that cannot be reached, and what to do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kai-roots-"));
  await mkdir(join(folder, "here"));
  expect(await checkRoots([])).toMatchObject({ state: "good" });
  expect(await checkRoots([join(folder, "here")])).toMatchObject({ state: "good", detail: expect.stringContaining("here") });
  expect(await checkRoots([join(folder, "here"), join(folder, "gone")])).toMatchObject({
    state: "note",
    detail: `cannot be reached: ${join(folder, "gone")}`,
    advice: expect.stringContaining("fs.roots"),
  });
});
