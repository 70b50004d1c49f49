// Starts the site of the crawl bench as a process, asks it who came, and ends it.

import { type ChildProcess, fork } from "node:child_process";
import type { SiteAnswer, SiteOrder, WalkResult } from "./crawl-message.ts";

export interface SiteProcess extends AsyncDisposable {
  readonly port: number;
  reset(): void;
  /** How often each path was asked for since the reset. */
  asked(): Promise<ReadonlyMap<string, number>>;
}

export async function startSite(pages: number): Promise<SiteProcess> {
  const child = fork(new URL("./site-server.ts", import.meta.url), [String(pages)], {
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const first = await nextMessage<SiteAnswer>(child);
  if (first.kind !== "ready") throw new Error("the site did not start");
  const order = (kind: SiteOrder["kind"]) => child.send({ kind } satisfies SiteOrder);
  return {
    port: first.port,
    reset: () => void order("reset"),
    async asked() {
      const answer = nextMessage<SiteAnswer>(child);
      order("asked");
      const said = await answer;
      return new Map(said.kind === "asked" ? Object.entries(said.paths) : []);
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** A worker has a heap of this size or more; without a limit memory would be whatever the collector has not yet looked at. */
const HEAP_MB = 192;

/** One walk in a fresh process, its code already loaded when its clock starts. */
export async function walk(kind: "undici" | "crawl", site: SiteProcess, pages: number, folder: string): Promise<WalkResult> {
  const args = [kind, String(site.port), String(pages), folder];
  const child = fork(new URL("./walk-child.ts", import.meta.url), args, {
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  return await nextMessage<WalkResult>(child);
}

function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onClose = (code: number | null) => reject(new Error(`a process of the crawl bench ended with ${code}`));
    child.once("close", onClose);
    child.once("message", (message) => {
      child.off("close", onClose);
      resolve(message as Message);
    });
  });
}
