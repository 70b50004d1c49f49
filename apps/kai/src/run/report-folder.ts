// Writes a run's artifacts into a folder beside the person. Nothing that is there already is overwritten, and no name leads out of the folder.

import { mkdir, open } from "node:fs/promises";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Artifact } from "@kos/api";
import { KosError } from "@kos/klp";
import { eachItem, type Session } from "../connection/session.ts";
import { usageError } from "../usage.ts";
import { reasonOf } from "./plan-file.ts";

const MOST_ARTIFACTS = 200;
const MOST_FOLDERS = 1000;

export async function artifactsOf(session: Session, planId: string): Promise<readonly Artifact[]> {
  const found: Artifact[] = [];
  for await (const artifact of eachItem(session.client, "searchArtifacts", { query: { plan_id: planId } })) {
    found.push(artifact);
    if (found.length >= MOST_ARTIFACTS) break;
  }
  return found.toSorted((left, right) => left.name.localeCompare(right.name));
}

export interface WrittenReport {
  readonly folder: string;
  /** Paths, in the order of the artifacts. */
  readonly files: readonly string[];
}

/** Makes `folder`, or `folder-2` and so on where it is there, and writes the artifacts into it. */
export async function writeArtifacts(session: Session, artifacts: readonly Artifact[], folder: string): Promise<WrittenReport> {
  const made = await freshFolder(folder);
  const names = new Set<string>();
  for (const artifact of artifacts) {
    const name = freshName(safeFileName(artifact.name), names);
    names.add(name);
    await writeArtifact(session, artifact.artifact_id, join(made, name));
  }
  return { folder: made, files: [...names].map((name) => join(made, name)) };
}

/** Errors: CONFLICT when the file is there. */
export async function writeArtifact(session: Session, artifactId: string, path: string): Promise<void> {
  const answer = await session.client.open("artifactContent", { params: { artifact_id: artifactId } });
  try {
    const file = await open(path, "wx");
    await pipeline(answer.body === null ? Readable.from([]) : Readable.fromWeb(answer.body as never), file.createWriteStream());
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code === "EEXIST") {
      throw new KosError("CONFLICT", `${path} is there already. Remove it, or give another name with --out.`, { cause });
    }
    throw new KosError("UNAVAILABLE", `${path} cannot be written: ${reasonOf(cause)}.`, { cause });
  }
}

async function freshFolder(folder: string): Promise<string> {
  for (let number = 1; number <= MOST_FOLDERS; number += 1) {
    const path = number === 1 ? folder : `${folder}-${number}`;
    try {
      const first = await mkdir(path, { recursive: true });
      if (first !== undefined) return path;
    } catch (cause) {
      if ((cause as { readonly code?: unknown }).code !== "EEXIST") {
        throw usageError(`The folder ${path} cannot be made: ${reasonOf(cause)}.`, {
          hint: "Choose another with --out DIR, or none with --no-out.",
          cause,
        });
      }
    }
  }
  throw usageError(`${folder} and ${MOST_FOLDERS - 1} numbered folders beside it are there already.`, {
    hint: "Choose another with --out DIR.",
  });
}

/** The name of a file in one folder, whatever the artifact is called [R92]. */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const plain = last
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}<>:"|?*]/gu, "_")
    .replace(/^\.+/, "_")
    .replace(/[. ]+$/, "");
  const cut = plain.slice(0, 120).toWellFormed();
  return cut === "" || /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(cut) ? `artifact-${cut}` : cut;
}

function freshName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const dot = name.lastIndexOf(".");
  const [stem, end] = dot <= 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot)];
  let number = 2;
  while (taken.has(`${stem}-${number}${end}`)) number += 1;
  return `${stem}-${number}${end}`;
}

/** As short as it can be written from where the person stands. */
export function shownPath(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near === "" || near.startsWith("..") ? path : `./${near}`;
}
