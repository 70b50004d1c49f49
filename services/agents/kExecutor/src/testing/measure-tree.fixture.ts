// Runs the whole measurement of a tree, task by task, as the playbook does. For tests only.

import { gitLsFiles } from "../git/git-ls-files.ts";
import { codeMerge } from "../metrics/code-merge.ts";
import { codeMetrics } from "../metrics/code-metrics.ts";
import { fsScan } from "../scan/fs-scan.ts";
import { call } from "./call.fixture.ts";
import { type TestContext, testContext } from "./test-context.fixture.ts";

export interface Measurement {
  readonly scan: Awaited<ReturnType<typeof fsScan.run>>;
  readonly gitFiles: Awaited<ReturnType<ReturnType<typeof gitLsFiles>["run"]>>;
  readonly parts: readonly Awaited<ReturnType<typeof codeMetrics.run>>[];
  readonly metrics: Awaited<ReturnType<typeof codeMerge.run>>;
  /** Of the last call; it holds the artifacts of all. */
  readonly context: TestContext;
}

export interface MeasureOptions {
  /** Called after the scan, before any file is read. */
  readonly afterScan?: () => void;
  readonly maxFileBytes?: number;
}

export async function measureTree(path: string, options: MeasureOptions = {}): Promise<Measurement> {
  const first = testContext({ fsRoots: [path], taskId: "scan" });
  const scan = await call(fsScan, { path }, first);
  const git = gitLsFiles({ command: "git", searchPath: process.env["PATH"] ?? "" });
  const gitFiles = await call(git, { path }, testContext({ fsRoots: [path], taskId: "git_files" }));
  options.afterScan?.();
  const limit = options.maxFileBytes === undefined ? {} : { max_file_bytes: options.maxFileBytes };
  const parts: Awaited<ReturnType<typeof codeMetrics.run>>[] = [];
  for (const chunk of scan.chunks) {
    const context = testContext({ fsRoots: [path], taskId: `metrics[${chunk.index}]`, after: first });
    parts.push(await call(codeMetrics, { path: scan.root, chunk, ...limit }, context));
  }
  const context = testContext({ taskId: "join", after: first });
  const metrics = await call(codeMerge, { parts, files_expected: scan.files_total }, context);
  return { scan, gitFiles, parts, metrics, context };
}
