/** The shape of a manifest, checked member by member so that every problem is reported at once. It judges no key, time or signature. */

import { isDidKey } from "./did-key.ts";
import { formatAgentId, isAgentClass, isAgentId, localAgentId } from "./ids.ts";
import { jsonPointer } from "./json-pointer.ts";
import { parseSignature } from "./signature-text.ts";
import { parseTimestamp } from "./timestamp.ts";

/** What a capability can touch outside its own computation. */
export const MANIFEST_EFFECTS = [
  "net.read",
  "net.write",
  "fs.read",
  "fs.write",
  "exec",
  "vault.read",
  "memory.read",
  "memory.write",
  "model",
  "human",
] as const;

export interface ManifestProblem {
  /** JSON pointer. */
  readonly path: string;
  readonly expected: string;
}

interface Rule {
  readonly expected: string;
  readonly optional?: boolean;
  readonly fits: (value: unknown) => boolean;
  /** Members of an object, or of each object of a list. */
  readonly members?: Readonly<Record<string, Rule>>;
}

const SEMVER =
  /^(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)(?:-(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const CAPABILITY_NAME = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/;
const SHORT_NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/;
const EFFECTS: ReadonlySet<unknown> = new Set(MANIFEST_EFFECTS);

const text: Rule = {
  expected: "a text of 1 to 4,000 characters",
  fits: (value) => typeof value === "string" && value.length > 0 && value.length <= 4000,
};
const flag: Rule = { expected: "true or false", fits: (value) => typeof value === "boolean" };
const schema: Rule = { expected: "a JSON Schema (an object)", fits: isRecord };
const did: Rule = { expected: "the did:key of an Ed25519 key", fits: isDidKey };
const time: Rule = { expected: "a time in RFC 3339, UTC, with a Z", fits: (value) => parseTimestamp(value) !== undefined };
const effects: Rule = {
  expected: `a list without repetition of ${MANIFEST_EFFECTS.join(", ")}`,
  fits: isListOf((item) => EFFECTS.has(item)),
};
const names: Rule = {
  expected: "a list of names without repetition",
  fits: isListOf((item) => typeof item === "string" && SHORT_NAME.test(item)),
};
const atLeastOne = count(1);
const zeroOrMore = count(0);

const RETRY = { max_attempts: atLeastOne, backoff_ms: zeroOrMore, max_backoff_ms: zeroOrMore };

const CAPABILITY: Readonly<Record<string, Rule>> = {
  name: {
    expected: "a dotted name such as web.fetch",
    fits: (value) => typeof value === "string" && value.length <= 128 && CAPABILITY_NAME.test(value),
  },
  title: text,
  description: text,
  input: schema,
  output: schema,
  effects,
  idempotent: flag,
  reconcile: flag,
  timeout_ms: atLeastOne,
  retry: { expected: "an object", fits: isRecord, members: RETRY },
  cost: {
    expected: "a number, zero or more",
    optional: true,
    fits: (value) => typeof value === "number" && Number.isFinite(value) && value >= 0,
  },
  placement: { ...text, optional: true },
  output_labels: { ...names, optional: true },
  max_concurrent: { ...zeroOrMore, optional: true },
};

const MANIFEST: Readonly<Record<string, Rule>> = {
  schema_version: { expected: "1", fits: (value) => value === 1 },
  id: { expected: "an agent id, kClass:name", fits: isAgentId },
  class: { expected: "an agent class such as kExecutor", fits: isAgentClass },
  name: {
    expected: "the name in the agent id",
    fits: (value) => typeof value === "string" && isAgentId(`kAgent:${value}`) && !value.includes("@"),
  },
  version: { expected: "a semantic version", fits: (value) => typeof value === "string" && value.length <= 128 && SEMVER.test(value) },
  description: text,
  public_key: did,
  capabilities: { expected: "a list of capabilities", fits: Array.isArray, members: CAPABILITY },
  permissions: effects,
  limits: {
    expected: "an object",
    fits: isRecord,
    members: { max_tasks: atLeastOne, timeout_ms: atLeastOne, memory_mb: atLeastOne, messages_per_s: atLeastOne },
  },
  persona: { ...text, optional: true },
  secrets: names,
  interfaces: names,
  health: { expected: "an object", fits: isRecord, members: { interval_ms: atLeastOne } },
  issued_at: time,
  expires_at: time,
  issuer: did,
  signature: { expected: "ed25519: and 86 characters of base64url", fits: (value) => parseSignature(value) !== undefined },
};

/** Every problem of the shape, in document order; an empty list when there is none. */
export function findManifestProblems(value: unknown): ManifestProblem[] {
  if (!isRecord(value)) return [{ path: "/", expected: "an object" }];
  const problems: ManifestProblem[] = [];
  checkMembers(value, MANIFEST, [], problems);
  if (problems.length === 0) checkAgreement(value, problems);
  return problems;
}

function checkMembers(
  object: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, Rule>>,
  path: readonly (string | number)[],
  problems: ManifestProblem[],
): void {
  for (const [name, rule] of Object.entries(rules)) {
    const here = [...path, name];
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    if (value === undefined && rule.optional) continue;
    if (!rule.fits(value)) {
      problems.push({ path: jsonPointer(here), expected: rule.expected });
    } else if (rule.members !== undefined) {
      checkInside(value, rule.members, here, problems);
    }
  }
  for (const name of Object.keys(object)) {
    if (!Object.hasOwn(rules, name)) problems.push({ path: jsonPointer([...path, name]), expected: "left out; it is not a known member" });
  }
}

function checkInside(
  value: unknown,
  rules: Readonly<Record<string, Rule>>,
  path: readonly (string | number)[],
  problems: ManifestProblem[],
): void {
  if (!Array.isArray(value)) {
    checkMembers(value as Readonly<Record<string, unknown>>, rules, path, problems);
    return;
  }
  value.forEach((item: unknown, index) => {
    if (isRecord(item)) checkMembers(item, rules, [...path, index], problems);
    else problems.push({ path: jsonPointer([...path, index]), expected: "an object" });
  });
}

/** What members say of each other; asked only when each is sound by itself. */
function checkAgreement(value: Readonly<Record<string, unknown>>, problems: ManifestProblem[]): void {
  const manifest = value as {
    readonly id: Parameters<typeof localAgentId>[0];
    readonly class: string;
    readonly name: string;
    readonly permissions: readonly unknown[];
    readonly capabilities: readonly { readonly name: string; readonly effects: readonly unknown[] }[];
    readonly issued_at: string;
    readonly expires_at: string;
  };
  if (localAgentId(manifest.id) !== formatAgentId({ class: manifest.class, name: manifest.name })) {
    problems.push({ path: "/id", expected: "made of the class and the name" });
  }
  if ((parseTimestamp(manifest.expires_at) ?? 0) <= (parseTimestamp(manifest.issued_at) ?? 0)) {
    problems.push({ path: "/expires_at", expected: "after issued_at" });
  }
  const seen = new Set<string>();
  manifest.capabilities.forEach((capability, index) => {
    if (seen.has(capability.name)) problems.push({ path: `/capabilities/${index}/name`, expected: "a name that no other capability has" });
    seen.add(capability.name);
    if (!capability.effects.every((effect) => manifest.permissions.includes(effect))) {
      problems.push({ path: `/capabilities/${index}/effects`, expected: "among the permissions" });
    }
  });
}

function count(least: number): Rule {
  return { expected: `a whole number, ${least} or more`, fits: (value) => Number.isSafeInteger(value) && (value as number) >= least };
}

function isListOf(isItem: (item: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(isItem) && new Set(value).size === value.length;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
