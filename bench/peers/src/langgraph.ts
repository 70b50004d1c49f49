// LangGraph: a plan is a graph of ten nodes, checkpointed to SQLite after each.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Annotation, END, Send, START, StateGraph } from "@langchain/langgraph";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { type Peer, STEP_RESULT, STEPS_PER_PLAN } from "./peer.ts";
import { createStepTimes } from "./step-times.ts";

export type Synchronous = "NORMAL" | "FULL";

const PlanState = Annotation.Root({ plan: Annotation<string>, result: Annotation<typeof STEP_RESULT> });
const FanState = Annotation.Root({
  count: Annotation<number>,
  results: Annotation<(typeof STEP_RESULT)[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
});

export function langGraphPeer(synchronous: Synchronous): Peer {
  const times = createStepTimes();
  let database: DatabaseSync | undefined;
  let plans: ReturnType<typeof planGraph> | undefined;
  let fans: ReturnType<typeof fanGraph> | undefined;
  let turn = 0;

  function planGraph(checkpointer: SqliteSaver) {
    const graph = new StateGraph(PlanState);
    const names = Array.from({ length: STEPS_PER_PLAN }, (_, index) => `step-${index + 1}`);
    for (const name of names) {
      graph.addNode(name, async ({ plan }) => {
        times.mark(plan);
        return { result: STEP_RESULT };
      });
    }
    // The builder's types know the names only where they are literals.
    const edges = graph as unknown as { addEdge(from: string, to: string): void };
    for (const [index, name] of [START, ...names].entries()) edges.addEdge(name, names[index] ?? END);
    return graph.compile({ checkpointer });
  }

  function fanGraph(checkpointer: SqliteSaver) {
    return new StateGraph(FanState)
      .addNode("step", async () => ({ results: [STEP_RESULT] }))
      .addNode("join", async ({ results }) => ({ count: results.length }))
      .addConditionalEdges(START, ({ count }) => Array.from({ length: count }, () => new Send("step", {})))
      .addEdge("step", "join")
      .addEdge("join", END)
      .compile({ checkpointer });
  }

  return {
    name: `LangGraph 1.7, SQLite, durability=sync, synchronous=${synchronous}`,
    durable: synchronous === "FULL" ? "fsynced" : "no fsync per step",
    isFsynced: synchronous === "FULL",
    async start(folder) {
      database = new DatabaseSync(join(folder, `langgraph-${synchronous}.db`));
      database.exec("PRAGMA journal_mode = WAL");
      database.exec(synchronous === "FULL" ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
      const saver = new SqliteSaver(asBetterSqlite(database));
      plans = planGraph(saver);
      fans = fanGraph(saver);
    },
    runPlans: (concurrency, count) =>
      times.drive(concurrency, count, (plan) =>
        Promise.resolve(plans?.invoke({ plan }, { configurable: { thread_id: plan }, durability: "sync", recursionLimit: 100 })),
      ),
    async fanOut(steps) {
      const start = performance.now();
      await fans?.invoke({ count: steps }, { configurable: { thread_id: `fan-${turn++}` }, durability: "sync" });
      return performance.now() - start;
    },
    servers: () => [],
    async stop() {
      database?.close();
    },
  };
}

/** What the saver uses of better-sqlite3, which has to be compiled, over the SQLite that Node brings. */
function asBetterSqlite(database: DatabaseSync): SqliteSaver["db"] {
  const face = {
    prepare: (sql: string) => database.prepare(sql),
    exec: (sql: string) => database.exec(sql),
    // The saver asks for one alone, which `start` has set.
    pragma: () => undefined,
    transaction:
      <Values extends readonly unknown[]>(work: (...values: Values) => unknown) =>
      (...values: Values) => {
        database.exec("BEGIN");
        try {
          work(...values);
          database.exec("COMMIT");
        } catch (error) {
          database.exec("ROLLBACK");
          throw error;
        }
      },
  };
  return face;
}
