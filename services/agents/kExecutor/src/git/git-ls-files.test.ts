import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { fsScan } from "../scan/fs-scan.ts";
import { gitIn, temporaryRepository, temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import { gitLsFiles } from "./git-ls-files.ts";

const git = gitLsFiles({ command: "git", searchPath: process.env["PATH"] ?? "" });

describe("git.ls_files", () => {
  test("counts with git what fs.scan counts without it", async () => {
    using tree = temporaryRepository();
    tree.write(".gitignore", "*.log\n");
    for (const name of ["a", "b.log", "tracked.log", "sub/c", "gone"]) tree.write(name, name);
    tree.git("add", "-f", "tracked.log", "gone");
    rmSync(join(tree.path, "gone"));
    tree.link("link", "a");
    gitIn(tree.path, "init", "-q", "nested");
    const context = testContext({ fsRoots: [tree.path] });
    const counted = await git.run({ path: tree.path }, context);
    const scanned = await fsScan.run({ path: tree.path }, context);
    expect(counted).toMatchObject({ repository: true, count: 6, git_version: expect.stringMatching(/^\d+\.\d+/) });
    expect([counted.count, counted.bytes]).toEqual([scanned.files_total, scanned.bytes_total]);
    const below = { path: join(tree.path, "sub") };
    expect([(await git.run(below, context)).count, (await fsScan.run(below, context)).files_total]).toEqual([1, 1]);
  });

  test("says that the folder is no repository", async () => {
    using tree = temporaryTree();
    expect(await git.run({ path: tree.path }, testContext({ fsRoots: [tree.path] }))).toMatchObject({
      repository: false,
      count: 0,
      reason: expect.stringContaining("no git work tree"),
    });
  });

  test("says that git is missing", async () => {
    using tree = temporaryRepository();
    const missing = gitLsFiles({ command: "git", searchPath: tree.path });
    expect(await missing.run({ path: tree.path }, testContext({ fsRoots: [tree.path] }))).toMatchObject({
      repository: false,
      reason: expect.stringContaining("not installed"),
    });
  });

  test("says what git said when it cannot read the repository", async () => {
    using tree = temporaryRepository();
    tree.write(".git/index", "damaged");
    expect(await git.run({ path: tree.path }, testContext({ fsRoots: [tree.path] }))).toMatchObject({
      repository: false,
      reason: expect.stringContaining("git failed: "),
    });
  });

  test("a repository cannot have it start a program", async () => {
    using outside = temporaryTree();
    using tree = temporaryRepository();
    const canary = join(outside.path, "canary");
    tree.write("run.sh", `#!/bin/sh\ntouch ${canary}\n`);
    chmodSync(join(tree.path, "run.sh"), 0o755);
    for (const name of ["core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.alternateRefsCommand"]) {
      tree.git("config", name, join(tree.path, "run.sh"));
    }
    tree.git("config", "core.hooksPath", tree.path);
    tree.git("config", "alias.ls-files", `!touch ${canary}`);
    expect(await git.run({ path: tree.path }, testContext({ fsRoots: [tree.path] }))).toMatchObject({ repository: true, count: 1 });
    expect(existsSync(canary)).toBe(false);
  });

  test.each(["*", "$HOME", "a;touch canary", "`touch canary`", "$(touch canary)", "-C", "--version", "a\nb", "'\""])(
    "[R78] a folder called %j reaches git as that name and nothing else",
    async (name) => {
      using tree = temporaryTree();
      gitIn(tree.path, "init", "-q", "--", name);
      tree.write(join(name, "mine"), "mine");
      const path = join(tree.path, name);
      expect(await git.run({ path }, testContext({ fsRoots: [tree.path] }))).toMatchObject({ repository: true, count: 1 });
      expect(existsSync(join(tree.path, "canary")) || existsSync("canary")).toBe(false);
    },
  );

  test("[R92] a repository cannot make it count another folder or another repository", async () => {
    using outside = temporaryRepository();
    for (const name of ["1", "2", "3"]) outside.write(name);
    using tree = temporaryRepository();
    tree.write("mine");
    tree.git("config", "core.worktree", outside.path);
    expect(await git.run({ path: tree.path }, testContext({ fsRoots: [tree.path] }))).toMatchObject({ repository: true, count: 1 });
    using linked = temporaryTree();
    linked.write(".git", `gitdir: ${outside.path}/.git\n`);
    expect(await git.run({ path: linked.path }, testContext({ fsRoots: [linked.path] }))).toMatchObject({
      repository: false,
      reason: expect.stringContaining("outside the granted"),
    });
    using symlinked = temporaryTree();
    symlinked.link(".git", `${outside.path}/.git`);
    expect(await git.run({ path: symlinked.path }, testContext({ fsRoots: [symlinked.path] }))).toMatchObject({ repository: false });
  });

  test("leaves the index as it is", async () => {
    using tree = temporaryRepository();
    tree.write("a", "x");
    tree.git("add", ".");
    const before = tree.git("hash-object", ".git/index");
    tree.write("a", "y");
    await git.run({ path: tree.path }, testContext({ fsRoots: [tree.path] }));
    expect(tree.git("hash-object", ".git/index")).toBe(before);
  });

  test("ends with the task when it is cancelled", async () => {
    using tree = temporaryRepository();
    const call = git.run({ path: tree.path }, testContext({ fsRoots: [tree.path], signal: AbortSignal.abort() }));
    await expect(call).rejects.toSatisfy((error) => isKosError(error, "CANCELLED"));
    using slow = temporaryTree();
    slow.write("git", "#!/bin/sh\nexec sleep 60\n");
    chmodSync(join(slow.path, "git"), 0o755);
    const controller = new AbortController();
    const stuck = gitLsFiles({ command: join(slow.path, "git"), searchPath: "/usr/bin:/bin" }).run(
      { path: tree.path },
      testContext({ fsRoots: [tree.path], signal: controller.signal }),
    );
    setImmediate(() => controller.abort());
    await expect(stuck).rejects.toSatisfy((error) => isKosError(error, "CANCELLED"));
  });
});
