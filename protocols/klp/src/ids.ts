/** Names and addresses of the wire: branded types, their one spelling, and UUIDv7. It owns no registry and looks nothing up. */

import { KosError } from "./errors.ts";

declare const idBrand: unique symbol;
type Id<Name extends string> = string & { readonly [idBrand]: Name };

/** `kClass:name`, or `kClass:name@<node did>` across nodes. */
export type AgentId = Id<"agent">;
/** `did:key:z6Mk…`, an Ed25519 public key as a name. */
export type DidKey = Id<"did:key">;
/** The did of a node, which is the did:key of its public key. */
export type NodeDid = DidKey;
/** UUIDv7. */
export type PlanId = Id<"plan">;
/** Local name within a plan, `[A-Za-z_][A-Za-z0-9_-]{0,63}`, items `name[i]`. */
export type TaskId = Id<"task">;
/** `plan_id/task_id`. */
export type TaskAddress = Id<"task address">;
/** UUIDv7. */
export type MessageId = Id<"message">;
/** UUIDv7. */
export type ApprovalId = Id<"approval">;
/** UUIDv7. */
export type ArtifactId = Id<"artifact">;
/** Who owns a row; `local` until there are others. */
export type TenantId = Id<"tenant">;

export interface AgentAddress {
  readonly class: string;
  readonly name: string;
  readonly node?: NodeDid;
}

const AGENT_ID =
  /^(k[A-Z][A-Za-z0-9]{0,31}):([A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?)(?:@(did:key:z[1-9A-HJ-NP-Za-km-z]{46,60}))?$/;
const AGENT_CLASS = /^k[A-Z][A-Za-z0-9]{0,31}$/;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TASK_ID = /^[A-Za-z_][A-Za-z0-9_-]{0,63}(?:\[(?:0|[1-9][0-9]{0,8})\])?$/;
const TENANT_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function isAgentId(value: unknown): value is AgentId {
  return typeof value === "string" && AGENT_ID.test(value);
}

/** Whether it is a class name such as `kExecutor`; third-party classes look alike. */
export function isAgentClass(value: unknown): value is string {
  return typeof value === "string" && AGENT_CLASS.test(value);
}

/** The parts of an agent id. @throws KosError BAD_REQUEST for another spelling. */
export function parseAgentId(text: string): AgentAddress {
  const match = AGENT_ID.exec(text);
  if (match === null)
    throw new KosError("BAD_REQUEST", `"${shorten(text)}" is not an agent id. Write kClass:name or kClass:name@<node did>.`);
  const [, agentClass = "", name = "", node] = match;
  return node === undefined ? { class: agentClass, name } : { class: agentClass, name, node: node as NodeDid };
}

/** Puts an agent id together. @throws KosError BAD_REQUEST when a part is not allowed in it. */
export function formatAgentId(address: AgentAddress): AgentId {
  const text = `${address.class}:${address.name}${address.node === undefined ? "" : `@${address.node}`}`;
  parseAgentId(text);
  return text as AgentId;
}

/** The agent id without its node. */
export function localAgentId(id: AgentId): AgentId {
  const at = id.indexOf("@");
  return (at < 0 ? id : id.slice(0, at)) as AgentId;
}

export function isUuidV7(value: unknown): value is string {
  return typeof value === "string" && UUID_V7.test(value);
}

export function isPlanId(value: unknown): value is PlanId {
  return isUuidV7(value);
}

export function isTaskId(value: unknown): value is TaskId {
  return typeof value === "string" && TASK_ID.test(value);
}

export function isTenantId(value: unknown): value is TenantId {
  return typeof value === "string" && TENANT_ID.test(value);
}

/** `plan_id/task_id`. */
export function taskAddress(planId: PlanId, taskId: TaskId): TaskAddress {
  return `${planId}/${taskId}` as TaskAddress;
}

/** The parts of a task address. @throws KosError BAD_REQUEST for another spelling. */
export function parseTaskAddress(text: string): { readonly planId: PlanId; readonly taskId: TaskId } {
  const [planId, taskId, rest] = text.split("/");
  if (!isPlanId(planId) || !isTaskId(taskId) || rest !== undefined) {
    throw new KosError("BAD_REQUEST", `"${shorten(text)}" is not a task address. Write plan_id/task_id.`);
  }
  return { planId, taskId };
}

/** A text from outside, cut so that a message stays readable. */
function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
