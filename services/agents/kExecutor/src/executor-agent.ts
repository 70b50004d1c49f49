// kExecutor:files: the agent that reads folders, measures code and writes reports.

import { type Agent, defineAgent } from "@kos/agent";
import { artifactGet } from "./artifact/artifact-get.ts";
import { artifactPut } from "./artifact/artifact-put.ts";
import { digestReport } from "./digest/digest-report.ts";
import { docCount } from "./digest/doc-count.ts";
import { docList } from "./digest/doc-list.ts";
import { docRemaining } from "./digest/doc-remaining.ts";
import { fsRead } from "./files/fs-read.ts";
import { gitLsFiles } from "./git/git-ls-files.ts";
import type { GitCommand } from "./git/git-process.ts";
import { codeMerge } from "./metrics/code-merge.ts";
import { codeMetrics } from "./metrics/code-metrics.ts";
import { reportFromDiff } from "./parts/report-from-diff.ts";
import { reportFromDocument } from "./parts/report-from-document.ts";
import { reportFromKeywords } from "./parts/report-from-keywords.ts";
import { reportFromSummary } from "./parts/report-from-summary.ts";
import { reportRender } from "./render/report-render.ts";
import { repoReport } from "./report/repo-report.ts";
import { fsScan } from "./scan/fs-scan.ts";

const VERSION = "0.1.0";

export interface ExecutorAgentOptions {
  /** The git binary for `git.ls_files`, and where to look for it. */
  readonly git: GitCommand;
}

export function createExecutorAgent(options: ExecutorAgentOptions): Agent {
  const capabilities = [
    fsScan,
    fsRead,
    gitLsFiles(options.git),
    codeMetrics,
    codeMerge,
    repoReport,
    docList,
    docCount,
    docRemaining,
    digestReport,
    reportFromDocument,
    reportFromSummary,
    reportFromKeywords,
    reportFromDiff,
    reportRender,
    artifactPut,
    artifactGet,
  ];
  return defineAgent({
    class: "kExecutor",
    name: "files",
    version: VERSION,
    description: "Lists and reads files under granted folders, measures code bases, lists documents, and writes reports and artifacts.",
    capabilities,
  });
}
