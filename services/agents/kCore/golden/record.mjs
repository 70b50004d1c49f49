// Records a golden history: plans of a few simulated runs that together hold every kind of event, or those that are named. See README.md.
import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { PLAN_EVENT_TYPES } from "../src/plan/plan-event.ts";
import { upcast } from "../src/plan/upcast.ts";
import { takeEvent } from "../src/queries/plan-reader.ts";
import { planView } from "../src/queries/plan-view.ts";
import { simulate } from "../src/simulation/simulate.ts";

const file = new URL(`./history-${process.argv[2] ?? "new"}.json`, import.meta.url);
if (existsSync(file)) throw new Error(`${file.pathname} is there already; a history is never changed`);

const missing = new Set(process.argv.length > 3 ? process.argv.slice(3) : PLAN_EVENT_TYPES);
const plans = [];
for (let seed = 1; missing.size > 0 && seed < 20_000; seed++) {
  for (const [plan_id, events] of simulate({ seed }).streams) {
    const fresh = new Set(events.map((event) => event.type).filter((type) => missing.has(type)));
    // The first few plans bring most kinds; after that only those with something rare.
    if (fresh.size === 0 || events.length > 80) continue;
    for (const type of fresh) missing.delete(type);
    let plan;
    for (const { type, at, payload } of events) plan = takeEvent(plan, upcast(type, JSON.parse(payload)), plan_id, "local", Date.parse(at));
    plans.push({ plan_id, events: events.map(({ type, at, payload }) => ({ type, at, payload })), view: planView(plan, undefined) });
  }
}
if (missing.size > 0) throw new Error(`no run holds ${[...missing].join(", ")}`);
writeFileSync(file, `${JSON.stringify(plans, null, 1)}\n`);
process.stdout.write(`${plans.length} plans\n`);
