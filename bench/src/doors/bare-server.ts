// A process of its own: a bare Fastify with two routes, and a bare `ws` that sends every frame to everyone. The floor under the gateway.

import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { type WebSocket, WebSocketServer } from "ws";
import { ACCEPTED, AGENT_PAGE, type DoorAnswer, type DoorOrder } from "./door-message.ts";
import { frameText } from "./sample-frame.ts";

const server = fastify({ logger: false });
server.get("/agent/list", async () => AGENT_PAGE);
server.post("/agent/task", async (_request, reply) => reply.status(202).send(ACCEPTED));
await server.listen({ host: "127.0.0.1", port: 0 });

const everyone = new Set<WebSocket>();
new WebSocketServer({ server: server.server, perMessageDeflate: false }).on("connection", (socket) => {
  everyone.add(socket);
  socket.on("close", () => everyone.delete(socket));
});

let sequence = 0;
process.on("message", ({ frames }: DoorOrder) => {
  for (let index = 0; index < frames; index++) {
    const text = frameText(sequence++);
    for (const socket of everyone) socket.send(text);
  }
});
const ready: DoorAnswer = { kind: "ready", port: (server.server.address() as AddressInfo).port };
process.send?.(ready);
