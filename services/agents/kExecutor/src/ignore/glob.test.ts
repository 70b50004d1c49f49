import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asBytePath, EMPTY_PATH } from "../paths/byte-path.ts";
import { temporaryRepository } from "../testing/temporary-tree.fixture.ts";
import { compileGlob } from "./glob.ts";
import { parseIgnoreFile } from "./ignore-file.ts";

function matches(pattern: string, text: string, ignoreCase = false): boolean {
  return compileGlob(pattern, { segments: true, ignoreCase }).matches(text);
}

describe("compileGlob", () => {
  test.each([
    ["a*c", "abbc", true],
    ["a*c", "a/c", false],
    ["**/c", "c", true],
    ["**/c", "a/b/c", true],
    ["a/**/c", "a/c", true],
    ["a/**", "a/b/c", true],
    ["a/**", "ab", false],
    ["a**c", "abc", true],
    ["a**c", "a/c", false],
    ["[]-]", "-", true],
    ["[!]-]", "]", false],
    ["[[:digit:][:upper:]]", "Q", true],
    ["[[:nothing:]]", "n", false],
    ["[a-", "a", false],
    ["a\\", "a", false],
    ["\\*", "*", true],
    ["?", "/", false],
    ["[^a]", "/", false],
  ])("%s on %s: %s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test("folds ASCII case only when asked", () => {
    expect([matches("AB[C-D]", "abd", true), matches("ab[c-d]", "ABD", true), matches("AB", "ab")]).toEqual([true, true, false]);
  });

  test("answers at once for a pattern that makes a backtracking matcher explode", () => {
    expect(matches(`${"a*".repeat(500)}b`, "a".repeat(4000))).toBe(false);
    expect(matches(`${"**/a*/".repeat(200)}b`, "a/".repeat(2000))).toBe(false);
  });
});

describe("parseIgnoreFile", () => {
  test.each([[false], [true]])("decides as git check-ignore does, core.ignoreCase %s", (ignoreCase) => {
    using tree = temporaryRepository();
    tree.git("config", "core.ignoreCase", String(ignoreCase));
    const piece = fc.constantFrom(
      "a",
      "b",
      "B",
      "ab",
      "/",
      "/",
      "*",
      "**",
      "?",
      "[a-c]",
      "[!a]",
      "[^b]",
      "[[:lower:]]",
      "[a-",
      "-]",
      "[]a]",
      ".",
      "!",
      "\\",
      " ",
      "#",
      "\u00e9",
      "\t",
      "\r",
    );
    const pattern = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(""));
    const segment = fc
      .array(fc.constantFrom("a", "b", "A", "ab", ".", "-", "]", " ", "\\", "*", "#", "!", "\u00e9"), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join(""));
    const path = fc
      .array(
        segment.filter((name) => !/^\.+$/.test(name)),
        { minLength: 1, maxLength: 3 },
      )
      .map((segments) => segments.join("/"));
    fc.assert(
      fc.property(
        fc.array(pattern, { minLength: 1, maxLength: 4 }),
        fc.uniqueArray(path, { minLength: 10, maxLength: 40 }),
        (patterns, paths) => {
          const content = `${patterns.join("\n")}\n`;
          tree.write(".gitignore", Buffer.from(content, "latin1"));
          expect(paths.filter((name) => isIgnored(content, name, ignoreCase))).toEqual(checkIgnore(tree.path, paths));
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Whether a path, or a folder it lies in, is ignored by this one list at the top. */
function isIgnored(content: string, path: string, ignoreCase: boolean): boolean {
  const list = parseIgnoreFile(content, EMPTY_PATH, ignoreCase);
  const segments = path.split("/");
  return segments.some((name, index) => {
    const isFolder = index < segments.length - 1;
    return list.decide(asBytePath(segments.slice(0, index + 1).join("/")), name, isFolder) === "ignored";
  });
}

function checkIgnore(folder: string, paths: readonly string[]): readonly string[] {
  const input = Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
  const ignored = execFileSync("sh", ["-c", "git check-ignore --no-index --stdin -z; true"], { cwd: folder, input })
    .toString("latin1")
    .split("\0");
  return paths.filter((path) => ignored.includes(path));
}
