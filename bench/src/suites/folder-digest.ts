// folder-digest: documents a second, beside the plain reading of the same documents.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createDocumentsAgent, createExecutorAgent } from "@kos/kexecutor";
import { makeDocuments } from "@kos/kexecutor/document-folder.fixture";
import type { Contender, Suite } from "../harness/figure.ts";
import { perSecond } from "../harness/rate.ts";
import { memoryHost } from "../node/memory-call.ts";
import { kai, startNodeRole } from "../node/whole-node.ts";

const DOCUMENTS = 252;

export const folderDigest: Suite = {
  name: "folder-digest",
  title: `folder-digest: ${DOCUMENTS} documents of about 200 words, seven formats, three languages`,
  figures: [
    { id: "parse", title: "floor: doc.extract alone, one process", unit: "documents/s", better: "higher" },
    {
      id: "digest",
      title: "doc.digest (read, language, summary, keywords), one process",
      unit: "documents/s",
      better: "higher",
      beside: "parse",
    },
    {
      id: "playbook",
      title: "kai run folder-digest, whole playbook on a running node",
      unit: "documents/s",
      better: "higher",
      beside: "parse",
    },
  ],
  async open({ folder, quick }) {
    const path = join(folder, "papers");
    const made = makeDocuments(path, quick ? DOCUMENTS / 3 : DOCUMENTS);
    const data = mkdtempSync(join(folder, "data-"));
    const node = await startNodeRole(data);
    const host = memoryHost([createDocumentsAgent(), createExecutorAgent({ git: { command: "git", searchPath: "" } })], [path]);
    const { chunks: scanned } = (await host.call("fs.scan", { path })) as { readonly chunks: readonly object[] };
    const { chunks } = (await host.call("doc.list", { chunks: scanned })) as { readonly chunks: readonly object[] };
    const timed = async (work: () => Promise<unknown>): Promise<number> => {
      const start = performance.now();
      await work();
      return perSecond(made.length, performance.now() - start);
    };
    const contenders: readonly Contender[] = [
      {
        name: "parse",
        measure: async () => ({
          parse: await timed(async () => {
            for (const document of made) await host.call("doc.extract", { path: join(path, document.path) });
          }),
        }),
      },
      {
        name: "digest",
        measure: async () => ({
          digest: await timed(async () => {
            for (const chunk of chunks) await host.call("doc.digest", { path, chunk });
          }),
        }),
      },
      {
        name: "playbook",
        measure: async () => ({
          playbook: await timed(async () => {
            const result = await kai("run", "folder-digest", "--path", path, "--data", data, "--json", "--no-out");
            if (result.code !== 0)
              throw new Error(`kai run ended with ${result.code}: ${result.stderr.slice(-500)}${result.stdout.slice(-500)}`);
          }),
        }),
      },
    ];
    return {
      contenders,
      async [Symbol.asyncDispose]() {
        await node.stop();
        rmSync(data, { recursive: true, force: true });
      },
    };
  },
};
