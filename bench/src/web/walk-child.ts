// A process of its own that walks a site once: by plain undici over kept-alive connections, reading nothing but links, or by web.crawl with a
// blob store on disk. It says how long that took and how much memory.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileBlobs } from "@kos/blobs";
import { resolveEgressConfig, systemNetwork } from "@kos/egress";
import { createWebAgent } from "@kos/kexecutor";
import { Pool } from "undici";
import { peakRssMb } from "../node/process-memory.ts";
import type { WalkResult } from "./crawl-message.ts";

const CONNECTIONS = 8;
const [kind, port, most, folder] = process.argv.slice(2);
if (kind === undefined || port === undefined || most === undefined || folder === undefined)
  throw new Error("walk-child KIND PORT PAGES FOLDER");
const origin = `http://localhost:${port}`;

// Three pages first, so that all code is loaded.
if (kind === "crawl") await crawl(3);
const start = performance.now();
const pages = kind === "undici" ? await walkPlainly() : await crawl(Number(most));
const result: WalkResult = { pages, elapsedMs: performance.now() - start, peakMb: peakRssMb(process.pid) ?? Number.NaN };
process.send?.(result, undefined, undefined, () => process.exit());

async function walkPlainly(): Promise<number> {
  const pool = new Pool(origin, { connections: CONNECTIONS });
  const seen = new Set(["/p0"]);
  const waiting = ["/p0"];
  let count = 0;
  let active = 0;
  const idle: (() => void)[] = [];
  const work = async (): Promise<void> => {
    for (;;) {
      const path = waiting.pop();
      if (path === undefined) {
        if (active === 0) {
          for (const wake of idle.splice(0)) wake();
          return;
        }
        await new Promise<void>((resolve) => idle.push(resolve));
        continue;
      }
      active += 1;
      const { body, statusCode } = await pool.request({ path, method: "GET" });
      const html = await body.text();
      active -= 1;
      if (statusCode === 200) count += 1;
      for (const [, href = ""] of html.matchAll(/href="([^"]+)"/g)) {
        if (seen.has(href)) continue;
        seen.add(href);
        waiting.push(href);
      }
      for (const wake of idle.splice(0)) wake();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, () => work()));
  await pool.close();
  return count;
}

async function crawl(maxPages: number): Promise<number> {
  const data = mkdtempSync(join(folder ?? "", "blobs-"));
  try {
    await using blobs = await fileBlobs(data);
    const config = resolveEgressConfig({ allow_hosts: [`localhost:${port}`] });
    const agent = createWebAgent({ config, network: systemNetwork(), now: Date.now });
    const capability = agent.capabilities.get("web.crawl");
    if (capability === undefined) throw new Error("there is no web.crawl");
    const silent = () => undefined;
    const output = await capability.run(
      { url: `${origin}/p0`, max_pages: maxPages, concurrency: CONNECTIONS },
      {
        call: { plan_id: "bench", task_id: "crawl", attempt: 1, generation: 1, trace_id: "" },
        signal: new AbortController().signal,
        idempotencyKey: "bench",
        fsRoots: [],
        checkpoints: [],
        log: { debug: silent, info: silent, warn: silent, error: silent },
        artifacts: {
          async put({ name, media_type, content }) {
            const info = await blobs.put(typeof content === "string" ? Buffer.from(content) : content);
            return { name, media_type, bytes: info.bytes, hash: info.hash };
          },
          get: (hash) => blobs.get(hash),
        },
        progress: silent,
        beginEffect: () => Promise.resolve(),
        checkpoint: () => Promise.resolve(),
        now: Date.now,
      },
    );
    return (output as { readonly pages_total: number }).pages_total;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}
