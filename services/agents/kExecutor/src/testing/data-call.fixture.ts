// Calls the data capabilities on content that lies in a folder of its own. For tests only.

import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dataProfile, type ProfileDocument } from "../data/data-profile.ts";
import { dataQuery } from "../data/data-query.ts";
import { dataRecount } from "../data/data-recount.ts";
import { carryOut } from "../data/process/data-work.ts";
import type { OrderRunner } from "../data/run-order.ts";
import { call } from "./call.fixture.ts";
import { temporaryTree } from "./temporary-tree.fixture.ts";
import { type TestContext, testContext } from "./test-context.fixture.ts";

/** How the real process is started, from its sources. */
export const PROCESS_PROGRAM = { runtime: process.execPath, entry: fileURLToPath(new URL("./data-process.fixture.ts", import.meta.url)) };

/** The same work without a process of its own, which is what most tests are about; nothing watches over it. */
export const IN_PROCESS: OrderRunner = async (sources, orderOf, context) => {
  using tree = temporaryTree();
  const opened: number[] = [];
  const content: string[] = [];
  try {
    const descriptors = sources.map(({ input }, index) => {
      if (typeof input === "number") return input;
      tree.write(String(index), input);
      const descriptor = openSync(`${tree.path}/${index}`, "r");
      opened.push(descriptor);
      return descriptor;
    });
    const value = await carryOut(orderOf(descriptors), {
      progress: (progress) => context.progress(progress),
      content: async (text) => void content.push(text),
      limitSeconds: () => undefined,
    });
    return { value: JSON.parse(JSON.stringify(value)) as unknown, content: content.join("") };
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
};

const profile = dataProfile(IN_PROCESS);
const query = dataQuery(IN_PROCESS);
const recount = dataRecount(IN_PROCESS);

type ProfileParams = Parameters<typeof profile.run>[0];
type QueryParams = Parameters<typeof query.run>[0];
type QueryOutput = Awaited<ReturnType<typeof query.run>>;

export interface Profiled {
  readonly output: Awaited<ReturnType<typeof profile.run>>;
  readonly document: ProfileDocument;
  readonly context: TestContext;
}

export async function profiled(
  content: string | Uint8Array,
  params: Partial<ProfileParams> & { readonly file?: string } = {},
): Promise<Profiled> {
  using tree = temporaryTree();
  const { file = "data.csv", ...rest } = params;
  tree.write(file, content);
  const context = testContext({ fsRoots: [tree.path], taskId: "profile" });
  const output = await call(profile, { path: `${tree.path}/${file}`, ...rest }, context);
  return { output, document: JSON.parse(context.textOf("profile.json")) as ProfileDocument, context };
}

export async function recounted(content: string | Uint8Array, params: Partial<ProfileParams> & { readonly file?: string } = {}) {
  using tree = temporaryTree();
  const { file = "data.csv", top_values: _top, ...rest } = params;
  tree.write(file, content);
  return await call(recount, { path: `${tree.path}/${file}`, ...rest }, testContext({ fsRoots: [tree.path], taskId: "recount" }));
}

export async function queried(
  content: string | Uint8Array,
  sql: string,
  params: Partial<QueryParams> & { readonly file?: string } = {},
): Promise<{ readonly output: QueryOutput; readonly context: TestContext }> {
  using tree = temporaryTree();
  const { file = "data.csv", ...rest } = params;
  tree.write(file, content);
  const context = testContext({ fsRoots: [tree.path], taskId: "query" });
  return { output: await call(query, { path: `${tree.path}/${file}`, sql, ...rest }, context), context };
}
