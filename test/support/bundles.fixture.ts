// What a person runs: the bundles of dist/ under the platform's runtime. Built once for all suites, by the set-up that `npm start` uses.

import { bundleOf, compileCache } from "../../scripts/setup/bundles.mjs";
import { root } from "../../scripts/setup/checkout.mjs";
import { setUp } from "../../scripts/setup/setup.mjs";

export const CHECKOUT: string = root;

export interface Bundles {
  /** The Node.js that the start script chose. */
  readonly runtime: string;
  readonly node: string;
  readonly kai: string;
  readonly worker: string;
  readonly writer: string;
  readonly auditor: string;
  readonly compileCache: string;
}

let made: Promise<Bundles> | undefined;

/** Set-up holds a lock, so suites in several processes wait for one build. */
export function bundles(): Promise<Bundles> {
  made ??= build();
  return made;
}

async function build(): Promise<Bundles> {
  const runtime = await setUp({ dev: true });
  const [node, kai, worker, writer, auditor] = ["node", "kai", "worker", "writer", "auditor"].map(bundleOf);
  return { runtime, node: node ?? "", kai: kai ?? "", worker: worker ?? "", writer: writer ?? "", auditor: auditor ?? "", compileCache };
}
