// Restate: a plan is a handler with ten journaled steps, run by its server over HTTP/2.

import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as restate from "@restatedev/restate-sdk";
import * as clients from "@restatedev/restate-sdk-clients";
import { MissingService } from "./missing-service.ts";
import { type Peer, STEP_RESULT, STEPS_PER_PLAN } from "./peer.ts";
import { freePort, type ServiceProcess, startService } from "./service-process.ts";
import { createStepTimes } from "./step-times.ts";

export function createPeer(): Peer {
  const times = createStepTimes();
  let server: ServiceProcess | undefined;
  let ingress: clients.Ingress | undefined;

  const bench = restate.service({
    name: "bench",
    handlers: {
      plan: async (context: restate.Context, name: string) => {
        for (let step = 1; step <= STEPS_PER_PLAN; step++) {
          await context.run(`step-${step}`, () => {
            times.mark(name);
            return STEP_RESULT;
          });
        }
      },
      fan: async (context: restate.Context, steps: number) => {
        const all = Array.from({ length: steps }, (_, index) => context.run(`item-${index}`, () => STEP_RESULT));
        return (await restate.RestatePromise.all(all)).length;
      },
    },
  });
  const client = () => {
    if (ingress === undefined) throw new Error("not started");
    return ingress.serviceClient(bench);
  };

  return {
    name: "Restate 1.7",
    durable: "its own log, about 1.4 fsyncs a step",
    isFsynced: true,
    async start(folder) {
      const data = join(folder, "restate");
      mkdirSync(data, { recursive: true });
      const [port, ingressPort, adminPort, nodePort] = [await freePort(), await freePort(), await freePort(), await freePort()];
      server = await startService({
        command: binary(),
        args: ["--base-dir", data],
        env: {
          RESTATE_LISTEN_MODE: "tcp",
          RESTATE_BIND_IP: "127.0.0.1",
          RESTATE_BIND_PORT: `${nodePort}`,
          RESTATE_INGRESS__BIND_PORT: `${ingressPort}`,
          RESTATE_ADMIN__BIND_PORT: `${adminPort}`,
          RESTATE_LOG_FILTER: "error",
          DO_NOT_TRACK: "1",
        },
        isReady: async () => (await fetch(`http://127.0.0.1:${adminPort}/health`)).ok,
      });
      await restate.serve({ services: [bench], port, logger: () => undefined });
      const answer = await fetch(`http://127.0.0.1:${adminPort}/deployments`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ uri: `http://127.0.0.1:${port}` }),
      });
      if (!answer.ok) throw new Error(`Restate does not take the service: ${await answer.text()}`);
      ingress = clients.connect({ url: `http://127.0.0.1:${ingressPort}` });
    },
    runPlans: (concurrency, plans) => times.drive(concurrency, plans, async (name) => client().plan(name)),
    async fanOut(steps) {
      const start = performance.now();
      await client().fan(steps);
      return performance.now() - start;
    },
    servers: () => (server === undefined ? [] : [server.pid]),
    async stop() {
      await server?.stop();
    },
  };
}

/** The server itself, not the script that starts it. */
function binary(): string {
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/restate-server`);
  } catch (cause) {
    throw new MissingService(`there is no ${name}`, { cause });
  }
}
