// Opens a store with a list of migrations and ends; the suite kills it on the way. Usage: node migration-child.fixture.ts '{"path": …, "steps": 5}'

import { sqliteStore } from "../sqlite-store.ts";
import { NOW, SIGNER, TASK_TABLES } from "../store.fixture.ts";
import type { Migration } from "../tables.ts";

/** Step n makes the table `step<n>` out of what the step before it made, and writes n into every row of `note`. */
const STEPS: readonly (readonly string[])[] = [
  ["CREATE TABLE step1 (id INTEGER PRIMARY KEY) STRICT", "INSERT INTO step1 SELECT id FROM note", "UPDATE note SET size = 1"],
  ["CREATE TABLE step2 (id INTEGER PRIMARY KEY) STRICT", "INSERT INTO step2 SELECT id FROM step1", "UPDATE note SET size = 2"],
  ["CREATE TABLE step3 (id INTEGER PRIMARY KEY) STRICT", "INSERT INTO step3 SELECT id FROM step2", "UPDATE note SET size = 3"],
  ["CREATE TABLE step4 (id INTEGER PRIMARY KEY) STRICT", "INSERT INTO step4 SELECT id FROM step3", "UPDATE note SET size = 4"],
];
/** How many rows each of them has. */
export const COUNTS = [
  "SELECT count(*) AS count FROM step1",
  "SELECT count(*) AS count FROM step2",
  "SELECT count(*) AS count FROM step3",
  "SELECT count(*) AS count FROM step4",
];

export function migrationSteps(count: number): readonly Migration[] {
  const steps = STEPS.slice(0, count).map((statements, index): Migration => ({ owner: "steps", version: index + 1, statements }));
  return [...TASK_TABLES, ...steps];
}

async function main(): Promise<void> {
  const { path, steps } = JSON.parse(process.argv[2] ?? "{}") as { path: string; steps: number };
  const store = await sqliteStore({ path, signer: SIGNER, migrations: migrationSteps(steps), now: NOW, threaded: false });
  await store[Symbol.asyncDispose]();
}

if (import.meta.main) await main();
