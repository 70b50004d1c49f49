// What must be true after the kills: asked of the node, read from its log, compared with the prover's and the receiver's books.

import { type Client, createClient, type PlanEventView } from "@kos/api";
import { verifyEvidence } from "@kos/evidence";
import { isKosError } from "@kos/klp";
import { eachItem } from "../connection/session.ts";
import type { CrashLedger, Submission } from "./crash-ledger.ts";
import type { FakeReceiver } from "./fake-receiver.ts";

export interface Check {
  readonly id: string;
  readonly title: string;
  readonly passed: boolean;
  /** What was looked at, in numbers. */
  readonly detail: string;
  /** What was wrong, at most MOST_ITEMS. */
  readonly items: readonly string[];
}

export interface Examination {
  readonly url: string;
  readonly token: string;
  readonly did: string;
  readonly fetch: typeof globalThis.fetch;
  readonly ledger: CrashLedger;
  readonly receiver: Pick<FakeReceiver, "effects" | "requests">;
}

const MOST_ITEMS = 20;
const PAGE = 1000;

export async function examine(examination: Examination): Promise<readonly Check[]> {
  const { ledger, url, token, fetch } = examination;
  const client = createClient({ baseUrl: url, token, fetch });
  const plans = await allPlans(client);
  const runs = new Map<Submission, readonly PlanEventView[]>();
  const unreadable: string[] = [];
  for (const submission of ledger.submissions) {
    if (submission.planId === undefined) continue;
    try {
      runs.set(submission, await eventsOf(client, submission.planId));
    } catch (error) {
      unreadable.push(`${submission.planId}: ${String(error)}`);
    }
  }
  return [
    check("opens", "The store opens after every kill", "The node started on it each time.", []),
    checkAcknowledged(ledger, plans, unreadable),
    checkOnce(ledger, plans),
    checkEnded(ledger),
    checkSteps(ledger, runs),
    checkKeyed(examination),
    checkPlain(examination),
    await checkAudit(client),
    await checkEvidence(client, examination),
  ];
}

function check(id: string, title: string, detail: string, wrong: readonly string[]): Check {
  return { id, title, passed: wrong.length === 0, detail, items: wrong.slice(0, MOST_ITEMS) };
}

function checkAcknowledged(ledger: CrashLedger, plans: ReadonlySet<string>, unreadable: readonly string[]): Check {
  const acknowledged = ledger.submissions.flatMap(({ planId }) => (planId === undefined ? [] : [planId]));
  const lost = acknowledged.filter((planId) => !plans.has(planId)).map((planId) => `${planId} was acknowledged and is not there`);
  return check("acknowledged", "No acknowledged plan was lost", `${acknowledged.length} plans.`, [...lost, ...unreadable]);
}

function checkOnce(ledger: CrashLedger, plans: ReadonlySet<string>): Check {
  const known = new Set(ledger.submissions.map(({ planId }) => planId));
  const surplus = [...plans].filter((planId) => !known.has(planId)).map((planId) => `${planId} was made twice under one key`);
  return check("once", "Handing in again under one key made one plan", `${ledger.submissions.length} keys, ${plans.size} plans.`, surplus);
}

function checkEnded(ledger: CrashLedger): Check {
  const wrong = ledger.submissions
    .filter(({ status }) => status !== "succeeded")
    .map(({ planId, plan, status }) => `${planId ?? plan.label} is ${status ?? "not acknowledged"}`);
  return check("ended", "Every plan went on and succeeded", `${ledger.submissions.length} plans.`, wrong);
}

/** No step is dispatched after it succeeded, none succeeds twice, no event is missing; and nothing seen finished changed. */
function checkSteps(ledger: CrashLedger, runs: ReadonlyMap<Submission, readonly PlanEventView[]>): Check {
  const wrong = [...ledger.complaints];
  let finished = 0;
  for (const [{ planId }, events] of runs) {
    const done = new Set<string>();
    for (const [place, { seq, type, payload }] of events.entries()) {
      if (seq !== place + 1) wrong.push(`${planId}: event ${place + 1} is missing`);
      const { task_id: taskId } = payload as { readonly task_id?: string };
      if (taskId === undefined) continue;
      if (type === "task.dispatched" && done.has(taskId)) wrong.push(`${planId}/${taskId} was run again after it had succeeded`);
      if (type === "task.effect_begun" && done.has(taskId)) wrong.push(`${planId}/${taskId} began an effect after it had succeeded`);
      if (type !== "task.succeeded") continue;
      if (done.has(taskId)) wrong.push(`${planId}/${taskId} succeeded twice`);
      done.add(taskId);
      finished += 1;
    }
  }
  const detail = `${finished} finished steps in the log, ${ledger.finishedSteps} looked at again after later kills.`;
  return check("steps", "No finished step ran again", detail, wrong);
}

/** With keys: one key an effect, so that the receiver applied it once, however often it was asked. */
function checkKeyed({ ledger, receiver }: Examination): Check {
  const wrong: string[] = [];
  const effects = ledger.submissions.flatMap(({ plan, status }) => (status === "succeeded" ? plan.keyed : []));
  let repeated = 0;
  for (const effect of effects) {
    const received = receiver.effects.get(effect);
    if (received === undefined) wrong.push(`${effect} never arrived`);
    else if (received.byKey.size > 1) wrong.push(`${effect} arrived under ${received.byKey.size} keys, so it happened as often`);
    else if (received.byKey.has("")) wrong.push(`${effect} arrived without a key`);
    repeated += [...(received?.byKey.values() ?? [])].reduce((sum, times) => sum + times - 1, 0);
  }
  const detail = `${effects.length} effects; ${repeated} requests were repeated under their key, which the receiver recognised.`;
  return check("keyed", "Every effect with a key happened exactly once", detail, wrong);
}

/** Without keys: no request is ever repeated by itself. One that was run again because a person said so has another key. */
function checkPlain({ ledger, receiver }: Examination): Check {
  const wrong: string[] = [];
  const effects = ledger.submissions.flatMap(({ plan, status }) => (status === "succeeded" ? plan.plain : []));
  for (const effect of effects) {
    const times = [...(receiver.effects.get(effect)?.byKey.values() ?? [])];
    if (times.length === 0) wrong.push(`${effect} never arrived`);
    if (times.some((count) => count > 1)) wrong.push(`${effect} was sent twice without anybody saying so`);
  }
  const { succeeded, run_again: again } = ledger.settled;
  const detail = `${effects.length} effects; ${succeeded + again} ended in doubt and were settled by the receiver's books (${succeeded} had arrived, ${again} had not).`;
  return check("plain", "No effect without a key was repeated; a doubt was shown as one", detail, wrong);
}

async function checkAudit(client: Client): Promise<Check> {
  const report = await client.call("verifyAudit", {});
  const wrong = report.partitions.flatMap(({ ok, partition, first_bad: at, problem }) =>
    ok ? [] : [`partition ${partition}, event ${at ?? "?"}: ${problem ?? "damaged"}`],
  );
  return check("audit", "The whole signed log verifies", `${report.checked} events.`, report.ok ? [] : [...wrong, "the log is damaged"]);
}

async function checkEvidence(client: Client, { ledger, did }: Examination): Promise<Check> {
  const wrong: string[] = [];
  let verified = 0;
  for (const { planId } of ledger.submissions) {
    if (planId === undefined) continue;
    try {
      const response = await client.open("evidence", { params: { plan_id: planId } });
      const report = verifyEvidence(new Uint8Array(await response.arrayBuffer()), { node: did });
      if (report.ok) verified += 1;
      else wrong.push(`${planId}: ${report.wrong.join(", ") || "it does not verify"}`);
    } catch (error) {
      wrong.push(`${planId}: ${isKosError(error) ? error.message : String(error)}`);
    }
  }
  return check("evidence", "The evidence of every run verifies", `${verified} runs.`, wrong);
}

async function allPlans(client: Client): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const plan of eachItem(client, "plans", {})) found.add(plan.plan_id);
  return found;
}

async function eventsOf(client: Client, planId: string): Promise<readonly PlanEventView[]> {
  const events: PlanEventView[] = [];
  let since: string | undefined;
  for (;;) {
    const query = { limit: PAGE, ...(since !== undefined && { since }) };
    const page = await client.call("planEvents", { params: { plan_id: planId }, query });
    events.push(...page.items);
    if (page.next_cursor === null || page.items.length === 0) return events;
    since = page.next_cursor;
  }
}
