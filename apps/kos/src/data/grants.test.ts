import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createGrants } from "./grants.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

function place(ownersFolders: readonly string[]) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "kos-grants-")));
  for (const name of ["here", "asked", "grants"]) mkdirSync(join(folder, name), { mode: 0o700 });
  const told: string[] = [];
  const grants = createGrants({
    folder: join(folder, "grants"),
    fsRoots: ownersFolders.map((name) => join(folder, name)),
    now: () => NOW,
    onMissing: (path) => told.push(path),
  });
  return {
    grants,
    told,
    at: (name: string) => join(folder, name),
    grant(id: string, roots: readonly string[]) {
      const content = { roots: roots.map((name) => join(folder, name)), expires_at: new Date(NOW + 1000).toISOString() };
      writeFileSync(join(folder, "grants", `${id}.json`), JSON.stringify(content), { mode: 0o600 });
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

describe("the folders a request may read", () => {
  test("are none by default", async () => {
    using made = place([]);
    expect(await made.grants.roots(undefined)).toEqual([]);
  });

  test("go without an owner's folder that is not there, which is told once, and have it when it is there", async () => {
    using made = place(["here", "gone"]);
    expect(await made.grants.roots(undefined)).toEqual([made.at("here")]);
    expect(await made.grants.roots(undefined)).toEqual([made.at("here")]);
    expect(made.told).toEqual([made.at("gone")]);
    mkdirSync(made.at("gone"));
    expect(await made.grants.roots(undefined)).toEqual([made.at("here"), made.at("gone")]);
    rmSync(made.at("gone"), { recursive: true });
    expect(await made.grants.roots(undefined)).toEqual([made.at("here")]);
    expect(made.told).toEqual([made.at("gone"), made.at("gone")]);
  });

  test("are refused where a grant names one that is not there: somebody asked for it", async () => {
    using made = place(["gone"]);
    made.grant("one", ["asked"]);
    expect(await made.grants.roots("one")).toEqual([made.at("asked")]);
    made.grant("two", ["asked", "gone"]);
    await expect(made.grants.roots("two")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(made.grants.roots("one")).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});
