// Digests a folder task by task, as the playbook does. For tests only.

import { digestReport } from "../digest/digest-report.ts";
import { docCount } from "../digest/doc-count.ts";
import { docDigest } from "../digest/doc-digest.ts";
import { docList } from "../digest/doc-list.ts";
import { docRemaining } from "../digest/doc-remaining.ts";
import { fsScan } from "../scan/fs-scan.ts";
import { call } from "./call.fixture.ts";
import { type TestContext, testContext } from "./test-context.fixture.ts";

type Part = Awaited<ReturnType<typeof docDigest.run>>;

export interface FolderDigest {
  readonly list: Awaited<ReturnType<typeof docList.run>>;
  readonly count: Awaited<ReturnType<typeof docCount.run>>;
  readonly parts: readonly (Part | null)[];
  readonly singles: readonly (Part | null)[];
  readonly report: Awaited<ReturnType<typeof digestReport.run>>;
  /** Of the last call; it holds the artifacts of all. */
  readonly context: TestContext;
}

export interface DigestFolderOptions {
  /** Whether the process that reads a chunk is lost; `single`: the second time, with one document only. */
  readonly loses?: (chunk: { readonly index: number; readonly from: number; readonly to: number }, single: boolean) => boolean;
  readonly exclude?: readonly string[];
  readonly title?: string;
}

export async function digestFolder(path: string, { loses, exclude, title }: DigestFolderOptions = {}): Promise<FolderDigest> {
  const first = testContext({ fsRoots: [path], taskId: "scan" });
  const task = (taskId: string) => testContext({ fsRoots: [path], taskId, after: first });
  const scan = await call(fsScan, { path, ...(exclude && { exclude: [...exclude] }) }, first);
  const count = await call(docCount, { path }, task("walk"));
  const list = await call(docList, { chunks: scan.chunks }, task("list"));
  const parts: (Part | null)[] = [];
  for (const chunk of list.chunks)
    parts.push(loses?.(chunk, false) === true ? null : await call(docDigest, { path, chunk }, task(`digest[${chunk.index}]`)));
  const remaining = await call(docRemaining, { chunks: list.chunks, parts }, task("remaining"));
  const singles: (Part | null)[] = [];
  for (const chunk of remaining.chunks)
    singles.push(loses?.(chunk, true) === true ? null : await call(docDigest, { path, chunk }, task(`singles[${chunk.index}]`)));
  const context = task("report");
  const report = await call(digestReport, { scan, list, count, parts, singles, ...(title !== undefined && { title }) }, context);
  return { list, count, parts, singles, report, context };
}
