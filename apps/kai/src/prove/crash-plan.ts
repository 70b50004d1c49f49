// The plans of a crash proof: small graphs of cheap steps, some of which send a request to the fake receiver.

import type { SeededRandom } from "./seeded-random.ts";

export interface CrashPlan {
  /** Names the plan in the receiver's books. */
  readonly label: string;
  readonly graph: Readonly<Record<string, unknown>>;
  /** Effects on the server that honours keys, as the receiver knows them. */
  readonly keyed: readonly string[];
  /** Effects on the server that does not. */
  readonly plain: readonly string[];
}

interface Addresses {
  readonly keyed: string;
  readonly plain: string;
}

/** A lost process is no fault of the step: many attempts, hardly any pause. */
const RETRY = { max_attempts: 100, backoff_ms: 10, max_backoff_ms: 100 } as const;
const REQUEST_TIMEOUT_MS = 20_000;
const SHAPES = ["chain", "fan", "doubtful", "doubtful", "mixed"] as const;

export function crashPlan(random: SeededRandom, label: string, addresses: Addresses): CrashPlan {
  const keyed: string[] = [];
  const plain: string[] = [];

  function write(taskId: string, value: unknown, dependsOn: readonly string[] = []): object {
    return step(taskId, "artifact.put", { name: `${taskId}.json`, media_type: "application/json", json: value }, dependsOn);
  }
  function send(taskId: string, kind: "keyed" | "plain", value: unknown, dependsOn: readonly string[] = []): object {
    (kind === "keyed" ? keyed : plain).push(`/${label}/${taskId}`);
    return step(taskId, "http.request", request(addresses[kind], `/${label}/${taskId}`, value), dependsOn);
  }
  function wait(taskId: string, dependsOn: readonly string[] = []): object {
    return step(taskId, "flow.sleep", { ms: random.whole(1, 40) }, dependsOn);
  }

  function tasks(): readonly object[] {
    switch (random.pick(SHAPES)) {
      case "chain":
        return [
          write("first", { label }),
          send("second", "keyed", "${first.artifact.hash}", ["first"]),
          wait("third", ["second"]),
          write("fourth", "${first.artifact.bytes}", ["third"]),
        ];
      case "fan": {
        const items = Array.from({ length: random.whole(2, 5) }, (_, place) => place);
        for (const item of items) keyed.push(`/${label}/each-${item}`);
        const each = {
          ...step("each", "http.request", request(addresses.keyed, `/${label}/each-\${index}`, "${item}"), []),
          for_each: items,
        };
        return [each, wait("joined", ["each"]), write("last", { items: items.length }, ["joined"])];
      }
      case "doubtful":
        return [write("first", { label }), send("second", "plain", "${first.artifact.hash}", ["first"]), write("third", 1, ["second"])];
      case "mixed":
        return [
          wait("pause"),
          send("once", "plain", 1),
          send("twice", "keyed", 2),
          send("after", "keyed", "${written.artifact.hash}", ["once", "twice"]),
          write("written", { label }, ["pause"]),
        ];
    }
  }

  return { label, keyed, plain, graph: { goal: `crash proof ${label}`, tasks: tasks(), output: null } };
}

function step(taskId: string, capability: string, params: object, dependsOn: readonly string[]): Readonly<Record<string, unknown>> {
  return { task_id: taskId, title: taskId, capability, params, depends_on: [...dependsOn], retry: RETRY };
}

function request(address: string, path: string, json: unknown): object {
  return { url: `http://${address}${path}`, method: "POST", body: { json }, timeout_ms: REQUEST_TIMEOUT_MS, expect_status: [200] };
}
