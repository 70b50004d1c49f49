// folder-digest through the real engine and real worker processes, on folders made by script of which everything is known.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDocuments, makeUnreadable } from "@kos/kexecutor/document-folder.fixture";
import { beforeAll, expect, test } from "vitest";
import { bundles } from "./support/bundles.fixture.ts";
import { inProcessNode } from "./support/in-process-node.fixture.ts";
import { type Door, runningNode } from "./support/node.fixture.ts";
import { artifactNamed, ended, submit, taskOf } from "./support/plan.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

interface Digest {
  readonly documents_total: number;
  readonly documents_read: number;
  readonly documents_failed: number;
  readonly words_total: number;
  readonly by_format: Readonly<Record<string, number>>;
  readonly by_language: Readonly<Record<string, number>>;
  readonly documents: readonly {
    readonly path: string;
    readonly title: string;
    readonly format: string;
    readonly language: string;
    readonly words: number;
    readonly summary: string;
    readonly keywords: readonly { readonly term: string }[];
    readonly error?: { readonly code: string; readonly reason: string; readonly message: string };
  }[];
  readonly provenance: Readonly<
    Record<string, { readonly task: string; readonly checked_by?: { readonly value: number; readonly agrees: boolean } }>
  >;
}

/** Where all else runs beside it, the bundles and each worker process take their time. */
const TIMEOUT_MS = 180_000;
const MORTAL = new URL("./planted/mortal-worker.ts", import.meta.url);

beforeAll(() => bundles(), TIMEOUT_MS);

async function digestOf(node: Door, path: string, params: object = {}) {
  const { plan_id } = await submit(node, { playbook: "folder-digest", params: { path, ...params } }, path);
  const view = await ended(node, plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  const file = async (name: string) => (await artifactNamed(node, plan_id, name)).toString();
  return { view, file, digest: JSON.parse(await file("digest.json")) as Digest };
}

/** What `find` counts, by ending. */
function foundBy(path: string, ...endings: readonly string[]): number {
  const names = endings.flatMap((ending, place) => [...(place === 0 ? [] : ["-o"]), "-iname", `*.${ending}`]);
  return execFileSync("find", [path, "-type", "f", "(", ...names, ")"], { encoding: "utf8" }).split("\n").length - 1;
}

test(
  "folder-digest knows each document as it was made, and names what cannot be read",
  async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "papers");
    const made = makeDocuments(path, 44);
    const reasons = makeUnreadable(path);
    await using node = await runningNode();
    const { view, digest, file } = await digestOf(node, path);

    expect(digest.documents_total).toBe(foundBy(path, "md", "html", "pdf", "docx", "odt", "epub", "txt"));
    expect(digest.by_format["pdf"]).toBe(foundBy(path, "pdf"));
    expect(digest.documents_read).toBe(made.length);
    const read = digest.documents.filter(({ error }) => error === undefined);
    const known = read.map(({ path: where, format, language, title, words }) => ({ path: where, format, language, title, words }));
    const byPath = (one: { path: string }, other: { path: string }) => (one.path < other.path ? -1 : 1);
    expect(known.sort(byPath)).toEqual([...made].sort(byPath));
    expect(digest.words_total).toBe(made.reduce((sum, { words }) => sum + words, 0));
    for (const { summary, keywords } of read) {
      expect(summary.length).toBeGreaterThan(50);
      expect(keywords.length).toBeGreaterThan(0);
    }
    expect(Object.fromEntries(digest.documents.flatMap(({ path: where, error }) => (error ? [[where, error.reason]] : [])))).toEqual(
      reasons,
    );
    expect(digest.provenance["documents_total"]?.checked_by).toMatchObject({ value: digest.documents_total, agrees: true });
    const tasks = view.tasks.map(({ task_id: id }) => id);
    for (const { task } of Object.values(digest.provenance)) expect(tasks).toContain(task);

    const [page, text] = [await file("digest.html"), await file("digest.md")];
    expect(page).toContain("<svg");
    expect(page).not.toMatch(/<script|https?:\/\/[^\s"']+\.(?:js|css)/i);
    for (const { path: where } of digest.documents) expect(text).toContain(`\`${where}\``);
  },
  TIMEOUT_MS,
);

test(
  "a document that kills the process that reads it is named, and every other one is read",
  async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "papers");
    const made = makeDocuments(path, 25);
    writeFileSync(join(path, "fatal.txt"), "Whoever opens this does not come back. It is only a text, but its reader has a fault.");
    await using node = await inProcessNode({ worker: MORTAL });
    const { view, digest } = await digestOf(node, path);
    expect(digest).toMatchObject({ documents_total: made.length + 1, documents_read: made.length, documents_failed: 1 });
    expect(digest.documents.filter(({ error }) => error !== undefined)).toMatchObject([{ path: "fatal.txt", error: { reason: "lost" } }]);
    expect(digest.words_total).toBe(made.reduce((sum, { words }) => sum + words, 0));
    expect(taskOf(view, "singles").status).toBe("succeeded");
  },
  TIMEOUT_MS,
);

test(
  "in a git work tree what git ignores is left out, and patterns choose",
  async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "papers");
    makeDocuments(path, 8);
    writeFileSync(join(path, "ignored.txt"), "This one is not of the work tree, and nobody should read it.");
    writeFileSync(join(path, ".gitignore"), "ignored.txt\n");
    execFileSync("git", ["init", "-q", path]);
    await using node = await runningNode();
    const { digest } = await digestOf(node, path);
    expect(digest.documents_total).toBe(8);
    expect(digest.documents.map(({ path: where }) => where)).not.toContain("ignored.txt");
    const pdfs = await digestOf(node, path, { include: ["*.pdf"], title: "Only PDF", name: "digest" });
    expect(Object.keys(pdfs.digest.by_format)).toEqual(["pdf"]);
  },
  TIMEOUT_MS,
);
