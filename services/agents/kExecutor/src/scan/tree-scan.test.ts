import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isKosError } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asBytePath, bytePathOf } from "../paths/byte-path.ts";
import { gitIn, gitListing, type TemporaryTree, temporaryRepository, temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { scanTree, type TreeScan, type TreeScanOptions } from "./tree-scan.ts";

function scan(folder: string, options: Partial<TreeScanOptions> = {}): Promise<TreeScan> {
  return scanTree({
    folder: bytePathOf(folder),
    roots: [bytePathOf(folder)],
    maxFiles: 10_000,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...options,
  });
}

async function listing(folder: string, options: Partial<TreeScanOptions> = {}): Promise<readonly string[]> {
  return (await scan(folder, options)).entries.map((entry) => entry.path);
}

async function expectSameAsGit(folder: string): Promise<void> {
  const { entries, repository } = await scan(folder);
  expect(repository).toBe(true);
  expect(entries.map((entry) => entry.path)).toEqual(gitListing(folder));
}

/** False where another name of the generated tree made this one, or a parent of it, something else. */
function wasWritten(tree: TemporaryTree, name: string, content: string): boolean {
  try {
    tree.write(name, content);
    return true;
  } catch {
    return false;
  }
}

/** A repository with something of everything that decides whether a file is listed. */
function eventfulRepository(...initArguments: string[]): TemporaryTree {
  const tree = temporaryRepository(...initArguments);
  tree.write(
    ".gitignore",
    "*.log\n!keep.log\n/build/\nnested/**/spare\n\\#hash\n\\!bang\ntrailing \nkept\\ \ncrlf.txt\r\n[a-c]x\nfoo**/bar\n**/deep/*.o\nq?z\n",
  );
  tree.write("sub/.gitignore", "\u00ef\u00bb\u00bfonly-here\n!important.log\n*.tmp\n");
  tree.write(".git/info/exclude", "excluded-by-info\n");
  const names = [
    "a.log",
    "keep.log",
    "build/out.js",
    "src/build/out.js",
    "nested/a/b/spare/x",
    "nested/spare",
    "#hash",
    "!bang",
    "trailing",
    "kept ",
    "crlf.txt",
  ];
  const more = [
    "ax",
    "dx",
    "foo/1/bar",
    "fooz/bar",
    "x/deep/a.o",
    "x/deep/y/b.o",
    "qaz",
    "sub/only-here",
    "only-here",
    "sub/important.log",
    "sub/z.tmp",
    "z.tmp",
  ];
  for (const name of [...names, ...more, "excluded-by-info", "sub/excluded-by-info", "a-b/x", "a.b", "a/x", "a0", "ünïcode/é"])
    tree.write(name, name);
  tree.write("tracked/ignored.log", "x");
  tree.write("build/tracked.js", "x");
  tree.git("add", "-f", "tracked/ignored.log", "build/tracked.js", "src", "a.b", "a");
  tree.write("deleted", "x");
  tree.git("add", "deleted");
  rmSync(join(tree.path, "deleted"));
  tree.link("link-to-folder", "src");
  tree.link("dangling", "nowhere");
  return tree;
}

describe("scanTree in a repository", () => {
  test.each([["2"], ["4"]])("lists what git lists, index version %s", async (version) => {
    using tree = eventfulRepository();
    tree.git("update-index", "--index-version", version);
    await expectSameAsGit(tree.path);
  });

  test("lists what git lists with index version 3, which intent-to-add entries need", async () => {
    using tree = eventfulRepository();
    tree.git("add", "-N", "-f", "keep.log", "a.log");
    expect(tree.git("ls-files", "--stage").length).toBeGreaterThan(0);
    await expectSameAsGit(tree.path);
  });

  test("lists what git lists in a repository with SHA-256 ids", async () => {
    using tree = eventfulRepository("--object-format=sha256");
    await expectSameAsGit(tree.path);
  });

  test("lists what git lists with a split index, its deletions and replacements", async () => {
    using tree = eventfulRepository();
    for (let index = 0; index < 300; index += 1) tree.write(`many/${index}.log`, "x");
    tree.git("add", "-f", "many");
    tree.git("-c", "splitIndex.maxPercentChange=100", "update-index", "--split-index");
    tree.git("-c", "splitIndex.maxPercentChange=100", "rm", "-q", "-f", "--cached", "many/7.log", "many/100.log", "many/299.log");
    tree.write("many/20.log", "changed");
    tree.write("many/new.log", "x");
    tree.git("-c", "splitIndex.maxPercentChange=100", "add", "-f", "many/20.log", "many/new.log");
    expect((await listing(tree.path)).filter((name) => name.startsWith("many/"))).toHaveLength(298);
    await expectSameAsGit(tree.path);
  });

  test("counts a path in conflict once", async () => {
    using tree = temporaryRepository();
    tree.write("both", "base\n");
    tree.git("add", ".");
    tree.git("commit", "-q", "-m", "base");
    tree.git("checkout", "-q", "-b", "side");
    tree.write("both", "side\n");
    tree.git("commit", "-q", "-a", "-m", "side");
    tree.git("checkout", "-q", "main");
    tree.write("both", "main\n");
    tree.git("commit", "-q", "-a", "-m", "main");
    expect(() => tree.git("merge", "side")).toThrow();
    expect(tree.git("ls-files", "-u").split("\n").length).toBeGreaterThan(3);
    await expectSameAsGit(tree.path);
  });

  test("counts a submodule and an untracked repository once each, and looks into neither", async () => {
    using other = temporaryRepository();
    other.write("inside", "x");
    other.git("add", ".");
    other.git("commit", "-q", "-m", "x");
    using tree = eventfulRepository();
    tree.git("submodule", "--quiet", "add", other.path, "modules/other");
    gitIn(tree.path, "clone", "-q", other.path, "clone");
    gitIn(tree.path, "init", "-q", "fresh/empty");
    mkdirSync(join(tree.path, "not-a-repository/.git"), { recursive: true });
    tree.write("not-a-repository/file", "x");
    tree.write("broken-link/.git", "gitdir: ./nowhere\n");
    tree.write("broken-link/file", "x");
    const { entries } = await scan(tree.path);
    const submodules = entries.filter((entry) => entry.kind === "submodule").map((entry) => entry.path);
    expect(submodules).toEqual(["clone", "fresh/empty", "modules/other"]);
    await expectSameAsGit(tree.path);
    await expectSameAsGit(join(tree.path, "clone"));
  });

  test("looks into a tracked folder even if it holds a repository, and into no submodule even if it holds none", async () => {
    using other = temporaryRepository();
    other.write("inside", "x");
    other.git("add", ".");
    other.git("commit", "-q", "-m", "x");
    using tree = temporaryRepository();
    tree.write("tracked/a", "x");
    tree.git("add", ".");
    gitIn(tree.path, "init", "-q", "tracked");
    tree.write("tracked/b", "x");
    tree.git("submodule", "--quiet", "add", other.path, "module");
    rmSync(join(tree.path, "module/.git"));
    const { entries } = await scan(tree.path);
    expect(entries.map(({ path, kind }) => [path, kind])).toEqual([
      [".gitmodules", "file"],
      ["module", "submodule"],
      ["tracked/a", "file"],
      ["tracked/b", "file"],
    ]);
    await expectSameAsGit(tree.path);
  });

  test("[R92] does not read metadata that lies outside, even if it says it shares what lies inside", async () => {
    using outside = temporaryRepository();
    using tree = temporaryTree();
    gitIn(tree.path, "init", "-q", "inner");
    outside.write(".git/commondir", `${tree.path}/inner/.git`);
    tree.write("linked/.git", `gitdir: ${outside.path}/.git\n`);
    const { repository, notes } = await scan(join(tree.path, "linked"), { roots: [bytePathOf(tree.path)] });
    expect([repository, notes[0]]).toEqual([false, expect.stringContaining("keeps its metadata in")]);
  });

  test("reads the submodule itself when it is asked for and its metadata is granted", async () => {
    using other = temporaryRepository();
    other.write("inside", "x");
    other.git("add", ".");
    other.git("commit", "-q", "-m", "x");
    using tree = temporaryRepository();
    tree.git("submodule", "--quiet", "add", other.path, "module");
    const { entries, repository } = await scan(join(tree.path, "module"), { roots: [bytePathOf(tree.path)] });
    expect([repository, entries.map((entry) => entry.path)]).toEqual([true, ["inside"]]);
  });

  test("a linked work tree is a repository when the main one is granted, and a plain folder with a note when it is not", async () => {
    using tree = eventfulRepository();
    tree.git("commit", "-q", "-m", "x");
    using place = temporaryTree();
    const linked = join(place.path, "linked");
    tree.git("worktree", "add", "-q", linked);
    writeFileSync(join(linked, "new.log"), "");
    writeFileSync(join(linked, "excluded-by-info"), "");
    const granted = await scan(linked, { roots: [bytePathOf(place.path), bytePathOf(tree.path)] });
    expect(granted.entries.map((entry) => entry.path)).toEqual(gitListing(linked));
    expect(granted.revision).toMatchObject({ branch: "linked" });
    const alone = await scan(linked);
    expect([alone.repository, alone.notes[0]]).toEqual([false, expect.stringContaining("outside the granted folders")]);
  });

  test("lists a folder of a repository by the rules of the whole repository", async () => {
    using tree = eventfulRepository();
    for (const folder of ["sub", "src", "build", "nested/a", "tracked"]) {
      expect(await listing(join(tree.path, folder), { roots: [bytePathOf(tree.path)] })).toEqual(gitListing(join(tree.path, folder)));
    }
  });

  test("counts a tracked path that is a folder now, beside the files in it", async () => {
    using tree = temporaryRepository();
    tree.write("was-file", "x");
    tree.git("add", ".");
    rmSync(join(tree.path, "was-file"));
    tree.write("was-file/inside", "x");
    expect((await scan(tree.path)).entries).toMatchObject([
      { path: "was-file", kind: "other" },
      { path: "was-file/inside", kind: "file" },
    ]);
    await expectSameAsGit(tree.path);
  });

  test("a tracked file behind a folder that became a symlink counts as deleted", async () => {
    using tree = temporaryRepository();
    tree.write("folder/file", "x");
    tree.git("add", ".");
    renameSync(join(tree.path, "folder"), join(tree.path, "moved"));
    tree.link("folder", "moved");
    expect(await listing(tree.path)).toEqual(["folder", "moved/file"]);
  });

  test("leaves out what a sparse checkout leaves out", async () => {
    using tree = temporaryRepository();
    for (const name of ["top", "in/a", "out/b", "out/deep/c"]) tree.write(name, "x");
    tree.git("add", ".");
    tree.git("commit", "-q", "-m", "x");
    tree.git("sparse-checkout", "set", "--cone", "--sparse-index", "in");
    expect(await listing(tree.path)).toEqual(["in/a", "top"]);
  });

  test("goes on without the index when it is damaged, and says so", async () => {
    using tree = eventfulRepository();
    for (const content of ["", "DIRC", "DIRC\0\0\0\u0009\0\0\0\u0001", "DIRC\0\0\0\u0002\u00ff\u00ff\u00ff\u00ff"]) {
      tree.write(".git/index", Buffer.from(content, "latin1"));
      const { unreadable, notes, entries } = await scan(tree.path);
      expect([unreadable[0], notes.length, entries.length > 10]).toEqual([{ path: ".git/index", reason: "damaged" }, 1, true]);
    }
  });

  test("[R92] an index entry that leads out of the tree names nothing", async () => {
    using tree = temporaryRepository();
    tree.write("abcdefgh", "x");
    tree.git("add", ".");
    using outside = temporaryTree();
    outside.write("secret", "x");
    const index = execFileSync("cat", [join(tree.path, ".git/index")]);
    tree.write(".git/inside", "x");
    for (const name of ["../../../", "/etc/xxx", "./abcdef", ".git/ins", ".git//in"]) {
      tree.write(".git/ins", "x");
      tree.write(".git/index", Buffer.from(index.toString("latin1").replace("abcdefgh", name.padEnd(8, "x")), "latin1"));
      expect(await listing(tree.path)).toEqual(["abcdefgh"]);
    }
  });

  test("tells branch and commit, loose, packed and detached", async () => {
    using tree = temporaryRepository();
    expect((await scan(tree.path)).revision).toEqual({ branch: "main" });
    tree.write("x");
    tree.git("add", ".");
    tree.git("commit", "-q", "-m", "x");
    const commit = tree.git("rev-parse", "HEAD").trim();
    expect((await scan(tree.path)).revision).toEqual({ branch: "main", commit });
    tree.git("pack-refs", "--all");
    expect((await scan(tree.path)).revision).toEqual({ branch: "main", commit });
    tree.git("checkout", "-q", "--detach");
    expect((await scan(tree.path)).revision).toEqual({ commit });
  });

  test("agrees with git on any tree and any ignore files", async () => {
    const segment = fc.constantFrom("a", "b", "ab", "a.b", "A", "build", "x.log", " s", "[x]", "d-1");
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/"));
    const piece = fc.constantFrom(
      "a",
      "b",
      "ab",
      "/",
      "/",
      "*",
      "**",
      "?",
      "[a-b]",
      "[!a]",
      "[[:alpha:]]",
      ".",
      ".log",
      "!",
      "\\",
      " ",
      "#",
      "build",
      "[",
      "]",
      "x",
    );
    const pattern = fc.oneof(
      { weight: 3, arbitrary: fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join("")) },
      { weight: 1, arbitrary: path.map((text) => `!${text}`) },
    );
    const ignoreFile = fc.tuple(fc.constantFrom("", "a/", "a/b/", "build/"), fc.array(pattern, { maxLength: 6 }));
    const repository = fc.record({
      paths: fc.uniqueArray(path, { minLength: 1, maxLength: 25 }),
      ignores: fc.array(ignoreFile, { maxLength: 3 }),
      tracked: fc.nat({ max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(repository, async ({ paths, ignores, tracked }) => {
        using tree = temporaryRepository();
        const written = paths.filter((name) => wasWritten(tree, name, "x"));
        for (const name of written.slice(0, tracked)) tree.git("add", "-f", `:(literal)${name}`);
        for (const [folder, patterns] of ignores) wasWritten(tree, `${folder}.gitignore`, `${patterns.join("\n")}\n`);
        await expectSameAsGit(tree.path);
      }),
      { numRuns: 40 },
    );
  });
});

describe("scanTree outside a repository", () => {
  test("lists everything but what the .gitignore files found say, and no metadata of repositories below", async () => {
    using tree = temporaryTree();
    for (const name of ["a", "skip.log", "sub/skip.log", "sub/b", "repo/c"]) tree.write(name, "x");
    tree.write("sub/.gitignore", "*.log\n");
    gitIn(tree.path, "init", "-q", "repo");
    const { repository, entries } = await scan(tree.path);
    expect(repository).toBe(false);
    expect(entries.map((entry) => entry.path)).toEqual(["a", "repo/c", "skip.log", "sub/.gitignore", "sub/b"]);
  });

  test("measures files and symlinks as they lie on the disk, a 10 GB hole at once", async () => {
    using tree = temporaryTree();
    tree.write("five", "12345");
    tree.link("link", "five");
    tree.write("huge", "");
    truncateSync(join(tree.path, "huge"), 10_737_418_240);
    expect((await scan(tree.path)).entries).toEqual([
      { path: "five", bytes: 5, kind: "file" },
      { path: "huge", bytes: 10_737_418_240, kind: "file" },
      { path: "link", bytes: 4, kind: "symlink" },
    ]);
  });

  test("[R92] never follows a symlink, not in a loop and not to the outside", async () => {
    using outside = temporaryTree();
    outside.write("secret", "x");
    using tree = temporaryTree();
    tree.link("loop", ".");
    tree.link("a/b/up", "../..");
    tree.link("self", "self");
    tree.link("out", outside.path);
    tree.link(".gitignore", join(outside.path, "secret"));
    const { entries, unreadable } = await scan(tree.path);
    expect(entries.map((entry) => [entry.path, entry.kind])).toEqual(
      [".gitignore", "a/b/up", "loop", "out", "self"].map((name) => [name, "symlink"]),
    );
    expect(unreadable).toEqual([{ path: ".gitignore", reason: "symlink" }]);
  });

  test.skipIf(process.platform === "darwin")("lists names that are not UTF-8, hold a newline or look like options", async () => {
    using tree = temporaryTree();
    const names = ["-rf", "a\nb", "caf\u00e9", "\u00ff\u00fe", "\u001b[31m", "'\"", "\\", "*"];
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${tree.path}/`), Buffer.from(name, "latin1")]), "x");
    expect(await listing(tree.path)).toEqual([...names].sort());
  });

  test("passes over sockets and pipes without waiting for them", async () => {
    using tree = temporaryTree();
    execFileSync("mkfifo", [join(tree.path, "pipe"), join(tree.path, ".gitignore")]);
    tree.write("file");
    expect(await listing(tree.path)).toEqual(["file"]);
  });

  test.skipIf(process.getuid?.() === 0)("names what may not be entered or read, and lists the rest", async () => {
    using tree = temporaryTree();
    tree.write("mine", "x");
    chmodSync(join(tree.path, "mine"), 0o400);
    tree.write("private", "x");
    chmodSync(join(tree.path, "private"), 0);
    tree.write("closed/x");
    tree.write("open/y");
    chmodSync(join(tree.path, "closed"), 0);
    const { entries, unreadable } = await scan(tree.path);
    chmodSync(join(tree.path, "closed"), 0o700);
    expect(entries.map((entry) => entry.path)).toEqual(["mine", "open/y", "private"]);
    expect(unreadable).toEqual(["closed", "private"].map((path) => ({ path: asBytePath(path), reason: "permission" })));
  });

  test("goes deeper than a path can be long, as far as the system allows, without failing", async () => {
    using tree = temporaryTree();
    const program =
      "for (let i = 0; i < 60; i += 1) { fs.mkdirSync(process.argv[1]); process.chdir(process.argv[1]); } fs.writeFileSync('bottom', '');";
    execFileSync(process.execPath, ["-e", program, "d".repeat(100)], { cwd: tree.path });
    const { entries, unreadable } = await scan(tree.path);
    expect(entries.length + unreadable.length).toBe(1);
  });

  test("include and exclude narrow the list, for tracked files too", async () => {
    using tree = eventfulRepository();
    expect(await listing(tree.path, { include: ["*.js", "tracked/"], exclude: ["/build/"] })).toEqual([
      "src/build/out.js",
      "tracked/ignored.log",
    ]);
  });

  test("stops above the limit and says how to go on", async () => {
    using tree = temporaryTree();
    for (const name of ["a", "b", "c"]) tree.write(name);
    await expect(scan(tree.path, { maxFiles: 2 })).rejects.toSatisfy(
      (error) => isKosError(error, "TOO_LARGE") && error.message.includes("max_files"),
    );
    expect(await listing(tree.path, { maxFiles: 3 })).toHaveLength(3);
  });

  test("stops when it is cancelled", async () => {
    using tree = temporaryTree();
    for (let index = 0; index < 200; index += 1) tree.write(`d${index}/f`);
    await expect(scan(tree.path, { signal: AbortSignal.abort() })).rejects.toSatisfy((error) => isKosError(error, "CANCELLED"));
  });

  test("an ignore pattern made to explode costs no more than any other", async () => {
    using tree = temporaryTree();
    tree.write(".gitignore", `${"a*".repeat(60)}b\n${"**/".repeat(60)}b\n`);
    tree.write("a".repeat(200));
    expect(await listing(tree.path)).toHaveLength(2);
  });
});
