// Fan-out of events to 1,000 WebSocket clients, from the bus to the socket, beside a bare `ws` that sends the same text to everyone.

import { SUBPROTOCOL, TOKEN } from "../doors/door-message.ts";
import { type DoorProcess, startDoor } from "../doors/door-process.ts";
import { type FrameClient, openFrameClient } from "../doors/frame-client.ts";
import type { Contender, Suite } from "../harness/figure.ts";
import { perSecond } from "../harness/rate.ts";

const SOCKETS = 1_000;
/** Events a burst: a plan's worth. */
const BURST = 20;

export const webSocket: Suite = {
  name: "web-socket",
  title: `WebSocket: events to ${SOCKETS.toLocaleString("en-GB")} clients, bursts of ${BURST}, server in its own process`,
  figures: [
    { id: "bare", title: "floor: bare ws, text made once an event", unit: "deliveries/s", better: "higher" },
    {
      id: "gateway",
      title: "gateway, bus to socket",
      unit: "deliveries/s",
      better: "higher",
      beside: "bare",
      target: { of: "ratio", must: 0.7, aim: 0.9 },
    },
    { id: "bare_cpu", title: "floor: bare ws, processor time", unit: "µs/delivery", better: "lower" },
    { id: "gateway_cpu", title: "gateway, processor time", unit: "µs/delivery", better: "lower", beside: "bare_cpu" },
  ],
  async open({ quick }) {
    const bare = await startDoor("bare-server");
    const ours = await startDoor("gateway-server");
    const bareClients = await clients(bare);
    const ourClients = await clients(ours);
    for (const client of ourClients) {
      client.sendText(JSON.stringify({ type: "AUTH", token: TOKEN }));
      client.sendText(JSON.stringify({ type: "SUBSCRIBE", id: "1", topics: ["plans"] }));
    }
    // Signed in, and subscribed.
    await Promise.all(ourClients.map((client) => client.reaches(2)));
    const bursts = quick ? 3 : 10;
    const contender = (id: string, door: DoorProcess, all: readonly FrameClient[]): Contender => ({
      name: id,
      async measure() {
        const before = door.processorTime();
        const start = performance.now();
        for (let burst = 0; burst < bursts; burst++) {
          const wanted = all.map((client) => client.count + BURST);
          door.burst(BURST);
          await Promise.all(all.map((client, index) => client.reaches(wanted[index] ?? 0)));
        }
        const elapsedMs = performance.now() - start;
        const deliveries = bursts * BURST * SOCKETS;
        return { [id]: perSecond(deliveries, elapsedMs), [`${id}_cpu`]: (door.processorTime() - before) / deliveries };
      },
    });
    return {
      contenders: [contender("bare", bare, bareClients), contender("gateway", ours, ourClients)],
      warmUps: 2,
      async [Symbol.asyncDispose]() {
        for (const client of [...bareClients, ...ourClients]) client.close();
        await bare[Symbol.asyncDispose]();
        await ours[Symbol.asyncDispose]();
      },
    };
  },
};

async function clients({ port }: DoorProcess): Promise<readonly FrameClient[]> {
  const all: FrameClient[] = [];
  for (let index = 0; index < SOCKETS; index++) all.push(await openFrameClient(port, "/ws", SUBPROTOCOL));
  return all;
}
