// Opens a store with a list of migrations and ends; the suite kills it on the way. Usage: node migration-child.ts '{"path": …, "steps": 5}'

import { sqliteStore } from "../sqlite-store.ts";
import { NOW, SIGNER, TASK_TABLES } from "../store.fixture.ts";
import type { Migration } from "../tables.ts";

/** Step n makes the table `step<n>` and writes n into every row of `note`; what the first steps did, later ones build on. */
export function migrationSteps(count: number): readonly Migration[] {
  const steps = Array.from({ length: count }, (_, index): Migration => {
    const step = index + 1;
    const source = index === 0 ? "SELECT id FROM note" : `SELECT id FROM step${index}`;
    const statements = [
      `CREATE TABLE step${step} (id INTEGER PRIMARY KEY) STRICT`,
      `INSERT INTO step${step} ${source}`,
      `UPDATE note SET size = ${step}`,
    ];
    return { owner: "steps", version: step, statements };
  });
  return [...TASK_TABLES, ...steps];
}

async function main(): Promise<void> {
  const { path, steps } = JSON.parse(process.argv[2] ?? "{}") as { path: string; steps: number };
  const store = await sqliteStore({ path, signer: SIGNER, migrations: migrationSteps(steps), now: NOW, threaded: false });
  await store[Symbol.asyncDispose]();
}

if (import.meta.main) await main();
