// BullMQ: a plan is a flow ten jobs deep, each the only child of the next.

import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type FlowJob, FlowProducer, type Job, Worker } from "bullmq";
import { MissingService } from "./missing-service.ts";
import { type Peer, STEP_RESULT, STEPS_PER_PLAN } from "./peer.ts";
import { findProgram, freePort, type ServiceProcess, startService } from "./service-process.ts";
import { createStepTimes } from "./step-times.ts";

const QUEUE = "steps";
/** What BullMQ runs at once in one worker; as many as the plans of the widest measure. */
const CONCURRENCY = 64;

export function createPeer(): Peer {
  const times = createStepTimes();
  const ends = new Map<string, () => void>();
  let redis: ServiceProcess | undefined;
  let flows: FlowProducer | undefined;
  let worker: Worker | undefined;

  const ended = (id: string) => new Promise<void>((resolve) => ends.set(id, resolve));
  const producer = (): FlowProducer => {
    if (flows === undefined) throw new Error("not started");
    return flows;
  };

  return {
    name: "BullMQ 6.7 flow, Redis",
    durable: "fsynced (appendfsync always)",
    isFsynced: true,
    async start(folder) {
      const command = findProgram("redis-server");
      if (command === undefined)
        throw new MissingService("redis-server is not installed: apt-get install --no-install-recommends redis-server");
      const data = join(folder, "redis");
      mkdirSync(data, { recursive: true });
      const port = await freePort();
      redis = await startService({
        command,
        args: [
          "--port",
          `${port}`,
          "--bind",
          "127.0.0.1",
          "--dir",
          data,
          "--appendonly",
          "yes",
          "--appendfsync",
          "always",
          "--save",
          "",
          "--daemonize",
          "no",
        ],
        isReady: () => answersPing(port),
      });
      const connection = { host: "127.0.0.1", port, maxRetriesPerRequest: null };
      flows = new FlowProducer({ connection });
      worker = new Worker(
        QUEUE,
        async (job: Job) => {
          times.mark(job.data.plan);
          if (job.name === "join") await job.getChildrenValues();
          return STEP_RESULT;
        },
        { connection, concurrency: CONCURRENCY },
      );
      worker.on("completed", (job) => {
        const end = ends.get(job.id ?? "");
        if (end === undefined) return;
        ends.delete(job.id ?? "");
        end();
      });
      await worker.waitUntilReady();
    },
    runPlans: (concurrency, plans) =>
      times.drive(concurrency, plans, async (plan) => {
        const end = ended(`${plan}-${STEPS_PER_PLAN}`);
        await producer().add(chain(plan, STEPS_PER_PLAN));
        await end;
      }),
    async fanOut(steps) {
      const start = performance.now();
      const plan = `fan-${start}`;
      const end = ended(`${plan}-join`);
      const children = Array.from({ length: steps }, (_, index) => job("step", plan, `${index}`));
      await producer().add({ ...job("join", plan, "join"), children });
      await end;
      return performance.now() - start;
    },
    servers: () => (redis === undefined ? [] : [redis.pid]),
    async stop() {
      await worker?.close();
      await flows?.close();
      await redis?.stop();
    },
  };
}

function chain(plan: string, step: number): FlowJob {
  const own = job("step", plan, `${step}`);
  return step === 1 ? own : { ...own, children: [chain(plan, step - 1)] };
}

function job(name: string, plan: string, step: string): FlowJob {
  return { name, queueName: QUEUE, data: { plan, step }, opts: { jobId: `${plan}-${step}` } };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write("PING\r\n"));
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", reject);
  });
}
