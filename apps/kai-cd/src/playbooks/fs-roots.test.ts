import { expect, it } from "vitest";
import { isBelowRoots } from "./fs-roots.ts";

it.each([
  ["/srv/code", ["/srv/code"], true],
  ["/srv/code/a/b", ["/srv/code/"], true],
  ["/srv/code/./a//b/", ["/home/me", "/srv/code"], true],
  ["/srv/codex", ["/srv/code"], false],
  ["/srv/code/../secret", ["/srv/code"], false],
  ["/srv", ["/srv/code"], false],
  ["/anything", ["/"], true],
  ["/anything", [], false],
  ["C:\\code\\a", ["C:\\code"], true],
])("[R92] a path is below the roots or it is not: %s in %j", (path, roots, isBelow) => {
  expect(isBelowRoots(path, roots)).toBe(isBelow);
});
