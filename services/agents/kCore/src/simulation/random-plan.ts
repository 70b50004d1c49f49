// Random plans that pass the static check: dependencies, references, conditions, fan-out, retries, reviews, approvals, waits, budgets.

import type { ForEach, PlanGraph, Review, Task } from "@kos/plan";
import type { SeededRandom } from "./seeded-random.ts";

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

const CAPABILITIES = [
  ["calc.pure", 10],
  ["web.read", 2],
  ["web.post", 3],
  ["bank.pay", 2],
  ["shop.order", 2],
  ["file.read", 1],
  ["calc.spawn", 1],
  ["flow.sleep", 2],
  ["human.ask", 1],
  ["human.approve", 1],
  ["poison.kill", 0.3],
] as const;
const TOTAL = CAPABILITIES.reduce((sum, [, weight]) => sum + weight, 0);

export function randomGraph(random: SeededRandom): PlanGraph {
  const count = random.int(1, 6);
  const tasks: Task[] = [];
  for (let index = 0; index < count; index++) tasks.push(randomTask(random, index, tasks));
  const last = tasks.at(-1);
  const graph: Mutable<PlanGraph> = {
    goal: "simulated",
    strategy: "explicit",
    tasks,
    output: last === undefined || random.chance(0.3) ? "done" : { last: `\${${last.task_id}}` },
  };
  if (random.chance(0.1)) graph.criteria = [{ kind: "assert", expression: "true" }];
  if (random.chance(0.25)) graph.budget = randomBudget(random);
  if (random.chance(0.05)) graph.labels = ["untrusted"];
  return graph;
}

function randomBudget(random: SeededRandom): NonNullable<PlanGraph["budget"]> {
  return {
    ...(random.chance(0.7) && { attempts: random.int(1, 15) }),
    ...(random.chance(0.4) && { time_ms: random.int(5000, 200_000) }),
    ...(random.chance(0.3) && { calls: random.int(1, 6) }),
  };
}

function randomTask(random: SeededRandom, index: number, before: readonly Task[]): Task {
  const capability = pickCapability(random);
  const sources = before.filter((task) => task.for_each === undefined && isCall(task.capability));
  const source = sources.length > 0 && random.chance(0.6) ? random.pick(sources) : undefined;
  const task: Mutable<Task> = {
    task_id: `t${index}`,
    title: `${capability} ${index}`,
    capability,
    params: paramsFor(random, capability, source?.task_id),
    depends_on: before.filter(() => random.chance(0.2)).map((other) => other.task_id),
  };
  if (source !== undefined && random.chance(0.15)) task.when = `${source.task_id} == null || ${source.task_id}.n > ${random.int(0, 9)}`;
  if (capability === "human.ask" && random.chance(0.3)) task.timeout_ms = random.int(500, 4_000);
  if (!isCall(capability) && random.chance(0.15)) task.approval = true;
  if (isCall(capability)) shapeCall(random, task, source?.task_id);
  return task;
}

function shapeCall(random: SeededRandom, task: Mutable<Task>, source: string | undefined): void {
  if (random.chance(0.2)) task.for_each = randomForEach(random, source);
  if (random.chance(0.3)) task.retry = { max_attempts: random.int(1, 4), backoff_ms: random.int(0, 500) };
  if (random.chance(0.15)) task.review = randomReview(random);
  if (random.chance(0.1)) task.approval = true;
  if (random.chance(0.1)) task.timeout_ms = random.int(50, 3000);
  if (task.capability === "calc.pure" && random.chance(0.15)) task.agent = "kExecutor:far";
  if (task.for_each !== undefined && paramsAreFree(task.capability)) task.params = { value: "${item}", text: "${index}" };
}

function paramsAreFree(capability: string): boolean {
  return capability !== "web.post" && capability !== "bank.pay" && capability !== "shop.order";
}

function randomForEach(random: SeededRandom, source: string | undefined): ForEach {
  const items =
    source !== undefined && random.chance(0.5) ? `\${${source}.list}` : Array.from({ length: random.int(0, 4) }, (_, item) => item);
  return {
    items,
    ...(random.chance(0.4) && { concurrency: random.int(1, 2) }),
    ...(random.chance(0.4) && { on_item_error: "skip" as const }),
  };
}

function randomReview(random: SeededRandom): Review {
  const exhausted = random.pick(["ask", "fail", "replan"] as const);
  return {
    criteria: [{ kind: "assert", expression: "output != null" }],
    // What is to be planned anew has to fail often enough for that.
    ...(exhausted === "replan" ? { max_rounds: 1 } : random.chance(0.5) && { max_rounds: random.int(1, 3) }),
    ...(random.chance(0.3) && { fallback: { capability: "calc.pure", params: { text: "fallback" } } }),
    ...(exhausted !== "ask" && { on_exhausted: exhausted }),
  };
}

function pickCapability(random: SeededRandom): string {
  let left = random.next() * TOTAL;
  for (const [name, weight] of CAPABILITIES) {
    left -= weight;
    if (left < 0) return name;
  }
  return "calc.pure";
}

function paramsFor(random: SeededRandom, capability: string, source: string | undefined): Record<string, unknown> {
  switch (capability) {
    case "web.read":
    case "web.post":
    case "bank.pay":
    case "shop.order":
      // Sometimes another task's text decides where it goes: the label policy has to notice.
      return {
        url: source !== undefined && random.chance(0.3) ? `https://x/\${${source}.text}` : "https://x",
        ...(source !== undefined && { body: `\${${source}.n}` }),
      };
    case "flow.sleep":
      return { ms: random.int(0, 20_000) };
    case "human.ask":
      return { question: "which?", ...(random.chance(0.5) && { choices: ["a", "b"] }) };
    case "human.approve":
      return { title: "go on?", ...(random.chance(0.5) && { continue_on_deny: true }) };
    default:
      return source === undefined ? { value: random.int(0, 9) } : { value: `\${${source}.n}`, text: `about \${${source}.text}` };
  }
}

function isCall(capability: string): boolean {
  return capability !== "flow.sleep" && capability !== "human.ask" && capability !== "human.approve";
}
