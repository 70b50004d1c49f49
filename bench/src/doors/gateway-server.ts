// A process of its own: the gateway as the node starts it, with handlers that answer at once. Its limits for one caller are lifted, for here
// one caller is everybody; they are still counted.

import { randomBytes } from "node:crypto";
import { ROUTES, type Route, type RouteName } from "@kos/api";
import { inProcessBus } from "@kos/bus";
import { createTokenVerifier, type Handlers, startGateway } from "@kos/gateway";
import type { Queries } from "@kos/kcore";
import { createFrameSource } from "../../../apps/kos/src/doors/frame-source.ts";
import { ACCEPTED, AGENT_PAGE, type DoorAnswer, type DoorOrder, TOKEN } from "./door-message.ts";
import { published } from "./sample-frame.ts";

const MANY = 1_000_000_000;
const answers: Partial<Record<RouteName, unknown>> = { agents: AGENT_PAGE, submit: ACCEPTED };
const handlers = Object.fromEntries(
  (Object.entries(ROUTES) as [RouteName, Route][]).map(([name]) => [name, async () => answers[name] ?? {}]),
) as unknown as Handlers;

const bus = inProcessBus({ onError: (error) => process.stderr.write(`${String(error)}\n`) });
const gateway = await startGateway({
  handlers,
  // Topics over many plans are not read back, so no query is asked.
  frames: createFrameSource({ bus, queries: {} as Queries, logs: { listen: () => () => undefined } }),
  tokens: createTokenVerifier({ ownerToken: TOKEN, tenant: "local", now: Date.now }),
  host: "127.0.0.1",
  port: 0,
  allowedHosts: [],
  allowedOrigins: [],
  limits: { bodyBytes: 1 << 20, planBytes: 8 << 20, uploadBytes: 64 << 20 },
  doorLimits: { requestsPerSecond: MANY, requestBurst: MANY, maxSocketsPerCaller: 10_000, maxSockets: 10_000 },
  now: Date.now,
  newTraceId: () => randomBytes(16).toString("hex"),
});

let sequence = 0;
process.on("message", ({ frames }: DoorOrder) => {
  for (let index = 0; index < frames; index++) bus.publish("plans", published(sequence++));
});
const ready: DoorAnswer = { kind: "ready", port: Number(new URL(gateway.url).port) };
process.send?.(ready);
