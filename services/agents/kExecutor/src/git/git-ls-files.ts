// The capability git.ls_files: how many files the git binary itself counts. It is the second, independent method beside fs.scan.

import { type Capability, type CapabilityContext, defineCapability } from "@kos/agent";
import Type from "typebox";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import { asBytePath, type BytePath, joinPath, parentOf } from "../paths/byte-path.ts";
import { FolderParam } from "../paths/folder-param.ts";
import { realRoots, resolveGrantedPath } from "../paths/granted-path.ts";
import { isRefusal, statEntry } from "../paths/guarded-open.ts";
import { realPathOf } from "../paths/real-path.ts";
import { type GitCommand, runGit } from "./git-process.ts";
import { findWorkTree } from "./work-tree.ts";

const TWO_MINUTES_MS = 120_000;

const Input = Type.Object(
  {
    path: FolderParam("The folder to count in."),
  },
  { additionalProperties: false, title: "git.ls_files input" },
);

export const GitLsFilesOutput = Type.Object(
  {
    repository: Type.Boolean({
      title: "Counted by git",
      description: "Whether git is installed, the folder lies in a work tree and git could list it.",
    }),
    count: Type.Integer({
      minimum: 0,
      title: "Files",
      description:
        "Distinct paths of `git ls-files -z --cached --others --exclude-standard` that are on disk, not looked up through symlinked folders. 0 when not counted.",
    }),
    bytes: Type.Integer({ minimum: 0, title: "Bytes", description: "Sum of the lstat sizes of those that are files or symlinks." }),
    git_version: Type.Optional(Type.String({ title: "Version of git" })),
    reason: Type.Optional(Type.String({ title: "Why not", description: "Why git did not count, in plain words." })),
    measured_by: MeasuredBySchema,
  },
  { title: "git.ls_files output", "x-kos-type": "git.count" },
);
type Counted = Omit<Type.Static<typeof GitLsFilesOutput>, "measured_by">;

/** `git`: the binary to run and where to look for it. */
export function gitLsFiles(git: GitCommand): Capability<Type.Static<typeof Input>, Type.Static<typeof GitLsFilesOutput>> {
  return defineCapability({
    name: "git.ls_files",
    title: "Count the files of a folder with git",
    description:
      "Counts with the git binary which files a folder holds, to check fs.scan by a second method. Says so when git is missing or the folder is no repository. " +
      "Errors: FORBIDDEN outside the granted folders, NOT_FOUND, TIMEOUT.",
    input: Input,
    output: GitLsFilesOutput,
    effects: ["exec", "fs.read"],
    idempotent: true,
    timeout_ms: TWO_MINUTES_MS,
    async run(params, context) {
      const { path: folder } = resolveGrantedPath(params.path, context.fsRoots, "/path");
      return { ...(await count(git, folder, context)), measured_by: measuredBy(context, "git.ls_files") };
    },
  });
}

async function count(git: GitCommand, folder: BytePath, context: CapabilityContext): Promise<Counted> {
  const version = await gitVersion(git, context);
  if (version === undefined) return notCounted("git is not installed on this machine");
  const { workTree, note } = await findWorkTree(folder, realRoots(context.fsRoots));
  if (workTree === undefined) return { ...notCounted(note ?? "the folder lies in no git work tree"), git_version: version };
  const names = nameCollector();
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const run = { git, workTree, folder, args, signal: context.signal };
  const ended = await runGit({ ...run, onOutput: (bytes) => names.add(bytes) });
  if (ended.outcome === "done") return { repository: true, ...measure(folder, names.names), git_version: version };
  return { ...notCounted(ended.outcome === "failed" ? `git failed: ${ended.message}` : "git disappeared"), git_version: version };
}

function notCounted(reason: string): Counted {
  return { repository: false, count: 0, bytes: 0, reason };
}

async function gitVersion(git: GitCommand, context: CapabilityContext): Promise<string | undefined> {
  let text = "";
  const onOutput = (bytes: Buffer) => {
    text += bytes.toString("latin1");
  };
  const ended = await runGit({ git, folder: asBytePath("/"), args: ["--version"], signal: context.signal, onOutput });
  return ended.outcome === "done" ? text.trim().replace(/^git version /, "") : undefined;
}

/** Takes NUL-separated names in pieces, one byte a character; a nested repository comes with a slash at its end. */
function nameCollector(): { readonly names: ReadonlySet<string>; add(bytes: Buffer): void } {
  const names = new Set<string>();
  let rest = "";
  return {
    names,
    add(bytes) {
      const pieces = (rest + bytes.toString("latin1")).split("\0");
      rest = pieces.pop() ?? "";
      for (const piece of pieces) names.add(piece.endsWith("/") ? piece.slice(0, -1) : piece);
    },
  };
}

function measure(folder: BytePath, names: ReadonlySet<string>): { readonly count: number; readonly bytes: number } {
  const plainFolders = new Map<BytePath, boolean>();
  let [present, bytes] = [0, 0];
  for (const name of names) {
    const path = joinPath(folder, name);
    const parent = parentOf(path);
    const isPlain = plainFolders.get(parent) ?? realPathOf(parent) === parent;
    plainFolders.set(parent, isPlain);
    const stats = isPlain ? statEntry(path) : { refused: "gone" as const };
    if (isRefusal(stats) && stats.refused === "gone") continue;
    present += 1;
    if (!isRefusal(stats) && (stats.isFile() || stats.isSymbolicLink())) bytes += stats.size;
  }
  return { count: present, bytes };
}
