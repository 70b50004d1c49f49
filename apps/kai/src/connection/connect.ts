// Finds the node of a data folder, or starts one. Several kai at once agree on one node: the node's own lock on the folder decides.

import type { NodeFile } from "@kos/api";
import { isKosError, KosError } from "@kos/klp";
import type { Machine } from "../terminal/machine.ts";
import { readNodeFile, readOwnerToken } from "./data-files.ts";
import { createSession, type NodeAddress, type Session } from "./session.ts";

const ANSWER_WITHIN_MS = 3000;
const LOOK_EVERY_MS = 150;
const PATIENCE_MS = 30_000;

export type StartNode = (signal: AbortSignal) => Promise<NodeAddress>;
type Health = "ready" | "busy" | "gone";

/** The running node of the folder, or undefined. Errors: UNAUTHORIZED and FORBIDDEN about the owner's token. */
export async function attachToNode(machine: Machine, dataFolder: string): Promise<Session | undefined> {
  const file = await readNodeFile(dataFolder);
  if (file === undefined || (await healthOf(machine, file)) !== "ready") return undefined;
  return createSession(machine, file, await readOwnerToken(dataFolder), false);
}

/**
 * The running node, or one that `start` starts. A node that is just ending or starting is waited for.
 * Errors: those of `start`, except that another node got there first; UNAVAILABLE when one has the folder but does not answer.
 */
export async function connectToNode(machine: Machine, dataFolder: string, start: StartNode, signal: AbortSignal): Promise<Session> {
  const deadline = machine.now() + PATIENCE_MS;
  let refusal: unknown;
  while (machine.now() < deadline) {
    signal.throwIfAborted();
    const file = await readNodeFile(dataFolder);
    const health = file === undefined ? "gone" : await healthOf(machine, file);
    if (file !== undefined && health === "ready") return createSession(machine, file, await readOwnerToken(dataFolder), false);
    if (health === "gone") {
      try {
        const node = await start(signal);
        return createSession(machine, node, await readOwnerToken(dataFolder), true);
      } catch (error) {
        if (!isKosError(error, "CONFLICT")) throw error;
        refusal = error;
      }
    }
    await machine.pause(LOOK_EVERY_MS, signal);
  }
  throw new KosError("UNAVAILABLE", `A node holds the data folder ${dataFolder} but does not answer. \`kai doctor\` says more.`, {
    cause: refusal,
  });
}

/** `busy`: it answers, but takes no work (it starts or drains). The token is not sent before this says `ready`. */
async function healthOf(machine: Machine, file: NodeFile): Promise<Health> {
  if (!machine.isAlive(file.pid)) return "gone";
  try {
    const answer = await machine.fetch(`${file.url}/ready`, { redirect: "error", signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    await answer.body?.cancel();
    return answer.ok ? "ready" : "busy";
  } catch {
    return "gone";
  }
}
