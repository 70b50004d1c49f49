// The did:key that this node says is its own.

import { useSignedIn } from "../app/console.ts";
import { useResource } from "../data/use-resource.ts";

export function useNodeKey(): string | undefined {
  const { client } = useSignedIn();
  return useResource("node key", (signal) => client.call("status", {}, { signal })).value?.node.did;
}
