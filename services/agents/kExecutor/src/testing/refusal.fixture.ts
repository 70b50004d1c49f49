// Gives a capability a file and says how it refused it. For tests only.

import type { Capability } from "@kos/agent";
import { canonicalJson, isKosError } from "@kos/klp";
import { call } from "./call.fixture.ts";
import { temporaryTree } from "./temporary-tree.fixture.ts";
import { type TestContext, testContext } from "./test-context.fixture.ts";

/** `read` for a result, else `CODE reason`. Anything thrown that is no KosError goes on, for it would be a fault of ours. */
export async function refusalOf<Input extends { readonly path?: string }, Output>(
  capability: Capability<Input, Output>,
  name: string,
  content: Uint8Array | string,
  params: Omit<Input, "path">,
): Promise<string> {
  try {
    await readFile(capability, name, content, params);
    return "read";
  } catch (error) {
    if (!isKosError(error)) throw error;
    const reason = error.details?.["reason"];
    return typeof reason === "string" ? `${error.code} ${reason}` : error.code;
  }
}

export async function readFile<Input extends { readonly path?: string }, Output>(
  capability: Capability<Input, Output>,
  name: string,
  content: Uint8Array | string,
  params: Omit<Input, "path">,
): Promise<Output & { readonly context: TestContext }> {
  using tree = temporaryTree();
  tree.write(name, content);
  const context = testContext({ fsRoots: [tree.path] });
  const output = await call(capability, { ...params, path: `${tree.path}/${name}` } as unknown as Input, context);
  // As strict as the link that carries it: no half characters, no numbers that are not exact.
  canonicalJson(output);
  return { ...output, context };
}
