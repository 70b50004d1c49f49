// The gateway's whole path (origin, token, rate, schema, handler, headers) beside a bare Fastify route with the same answer.

import { AGENTS_PATH, SUBMIT_BODY, SUBMIT_PATH, TOKEN } from "../doors/door-message.ts";
import { type DoorProcess, startDoor } from "../doors/door-process.ts";
import { loadRoute } from "../doors/http-load.ts";
import type { Contender, FigureSpec, Suite } from "../harness/figure.ts";
import { perSecond } from "../harness/rate.ts";

const CONNECTIONS = 32;

export const gateway: Suite = {
  name: "gateway",
  title: `Gateway: requests over ${CONNECTIONS} kept-alive connections, server in its own process`,
  figures: [...figuresOf("get", "GET /agent/list"), ...figuresOf("post", "POST /agent/task, 130 bytes")],
  async open({ quick }) {
    const bare = await startDoor("bare-server");
    const ours = await startDoor("gateway-server");
    const forMs = quick ? 500 : 2_000;
    const contender = (id: string, door: DoorProcess, request: string): Contender => ({
      name: id,
      async measure() {
        const before = door.processorTime();
        const { answers, elapsedMs } = await loadRoute({ port: door.port, request, connections: CONNECTIONS, forMs });
        return { [id]: perSecond(answers, elapsedMs), [`${id}_cpu`]: (door.processorTime() - before) / answers };
      },
    });
    return {
      contenders: [
        contender("bare_get", bare, getRequest(bare.port)),
        contender("gateway_get", ours, getRequest(ours.port)),
        contender("bare_post", bare, postRequest(bare.port)),
        contender("gateway_post", ours, postRequest(ours.port)),
      ],
      warmUps: 2,
      async [Symbol.asyncDispose]() {
        await bare[Symbol.asyncDispose]();
        await ours[Symbol.asyncDispose]();
      },
    };
  },
};

function headers(port: number): string {
  return `Host: localhost:${port}\r\nAuthorization: Bearer ${TOKEN}\r\nAccept: application/json\r\nConnection: keep-alive\r\n`;
}

function getRequest(port: number): string {
  return `GET ${AGENTS_PATH} HTTP/1.1\r\n${headers(port)}\r\n`;
}

function postRequest(port: number): string {
  return `POST ${SUBMIT_PATH} HTTP/1.1\r\n${headers(port)}Content-Type: application/json\r\nContent-Length: ${SUBMIT_BODY.length}\r\n\r\n${SUBMIT_BODY}`;
}

function figuresOf(kind: string, route: string): readonly FigureSpec[] {
  return [
    { id: `bare_${kind}`, title: `floor: bare Fastify, ${route}`, unit: "requests/s", better: "higher" },
    {
      id: `gateway_${kind}`,
      title: `gateway, ${route}`,
      unit: "requests/s",
      better: "higher",
      beside: `bare_${kind}`,
      target: { of: "ratio", must: 0.6, aim: 0.8 },
    },
    { id: `bare_${kind}_cpu`, title: `floor: bare Fastify, ${route}, processor time`, unit: "µs/request", better: "lower" },
    {
      id: `gateway_${kind}_cpu`,
      title: `gateway, ${route}, processor time`,
      unit: "µs/request",
      better: "lower",
      beside: `bare_${kind}_cpu`,
    },
  ];
}
