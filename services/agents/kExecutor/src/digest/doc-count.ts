// The capability doc.count: how many documents a folder holds, counted another way than doc.list does, to check it. It walks the folder by itself and
// knows the endings by itself; it must not use the scan.

import { readdirSync } from "node:fs";
import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import { type BytePath, bytesOf, joinPath } from "../paths/byte-path.ts";
import { FolderParam } from "../paths/folder-param.ts";
import { resolveGrantedPath } from "../paths/granted-path.ts";
import { isRefusal, openFolder } from "../paths/guarded-open.ts";
import { badParam, systemCode, throwIfAborted } from "../task-error.ts";

const ENDING = /.\.(?:md|markdown|mdown|html?|xhtml|pdf|docx|docm|dotx|odt|ott|epub|txt|text|rst|adoc)$/i;
const MOST_ENTRIES = 2_000_000;
const TEN_MINUTES_MS = 600_000;

const Input = Type.Object(
  {
    path: FolderParam("The folder to count in."),
  },
  { additionalProperties: false, title: "doc.count input" },
);

export const DocCountOutput = Type.Object(
  {
    documents: Type.Integer({
      minimum: 0,
      title: "Documents",
      description: "Regular files with the ending of a document, symlinks not followed.",
    }),
    comparable: Type.Boolean({
      title: "Comparable",
      description:
        "Whether a scan must find the same: false where ignore files or repositories below say that some files do not count, or a folder could not be read.",
    }),
    measured_by: MeasuredBySchema,
  },
  { title: "doc.count output", "x-kos-type": "doc.count" },
);

export const docCount = defineCapability({
  name: "doc.count",
  title: "Count the documents of a folder, as a second method",
  description:
    "Walks a folder and counts documents by their endings, knowing nothing of git. Errors: FORBIDDEN, NOT_FOUND, BAD_REQUEST when it is no folder.",
  input: Input,
  output: DocCountOutput,
  effects: ["fs.read"],
  output_labels: ["confidential"],
  timeout_ms: TEN_MINUTES_MS,
  async run(params, context) {
    const { path } = resolveGrantedPath(params.path, context.fsRoots, "/path");
    let [documents, seen, comparable] = [0, 0, true];
    const open: BytePath[] = [path];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      throwIfAborted(context.signal);
      const entries = entriesOf(folder);
      if (entries === undefined && folder === path)
        throw badParam("/path", `${JSON.stringify(params.path)} is no folder that can be read.`, "Give a folder that the node may read.");
      if (entries === undefined || (seen += entries.length) > MOST_ENTRIES) comparable = false;
      for (const entry of seen > MOST_ENTRIES ? [] : (entries ?? [])) {
        if (entry.name === ".git" || entry.name === ".gitignore") comparable = false;
        if (entry.isDirectory() && entry.name !== ".git") open.push(joinPath(folder, entry.name));
        if (entry.isFile() && ENDING.test(entry.name)) documents += 1;
      }
    }
    return { documents, comparable, measured_by: measuredBy(context, "doc.count") };
  },
});

function entriesOf(path: BytePath) {
  const folder = openFolder(path);
  if (isRefusal(folder)) return undefined;
  try {
    return readdirSync(bytesOf(folder.base), { withFileTypes: true, encoding: "latin1" });
  } catch (error) {
    if (systemCode(error) === "") throw error;
    return undefined;
  } finally {
    folder.close();
  }
}
