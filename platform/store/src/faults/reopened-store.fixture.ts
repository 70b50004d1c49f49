// Opens a store after a crash and says what is wrong with it: acknowledged commits that are gone, halves of commits, a log that does not verify.

import { auditStore } from "../audit.ts";
import { sqliteStore } from "../sqlite-store.ts";
import { event, NOW, Owner, PUBLIC_KEY, SIGNER, TASK_TABLES } from "../store.fixture.ts";

/** Commits as append-child.fixture.ts numbers them. An empty list: nothing is wrong. */
export async function findLosses(path: string, acknowledged: readonly number[]): Promise<string[]> {
  const problems: string[] = [];
  try {
    await using store = await sqliteStore({ path, signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded: false });
    const owner = await Owner.claim(store.log);
    const events = await store.log.readPartition({ partition: 0, from: 0, limit: 1_000_000 });
    const found = new Map<number, number>();
    for (const { payload } of events) {
      const { commit } = JSON.parse(payload ?? "{}") as { commit: number };
      found.set(commit, (found.get(commit) ?? 0) + 1);
    }
    const noted = new Set((await store.tables.read<{ id: number }>((query) => query.selectFrom("note").select("id"))).map((row) => row.id));
    for (const number of acknowledged) if (!found.has(number)) problems.push(`acknowledged commit ${number} is gone`);
    for (const [number, count] of found)
      if (count !== (number % 3) + 1 || !noted.has(number)) problems.push(`commit ${number} is there in part`);
    for (const number of noted) if (!found.has(number)) problems.push(`commit ${number} is there in part`);
    for (let number = 0; number < found.size; number++)
      if (!found.has(number)) problems.push(`commit ${number} is missing before later ones`);
    // It goes on as if nothing had happened.
    const outcome = await owner.append([event("after", 1)]);
    if (outcome.outcome !== "committed") problems.push("it does not accept a commit any more");
    await store.log.head(0, { settle: true });
    const audit = auditStore({ path, publicKey: PUBLIC_KEY });
    for (const { finding } of audit.partitions)
      if (finding !== undefined) problems.push(`audit, position ${finding.position}: ${finding.reason}`);
  } catch (error) {
    problems.push(`it does not open: ${error instanceof Error ? error.message : String(error)}`);
  }
  return problems;
}
