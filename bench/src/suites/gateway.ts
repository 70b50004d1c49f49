// The gateway's whole path (origin, token, rate, schema, handler, headers) beside a bare Fastify route with the same answer.

import { AGENTS_PATH, SUBMIT_BODY, SUBMIT_PATH, TOKEN } from "../doors/door-message.ts";
import { startDoor } from "../doors/door-process.ts";
import { loadRoute } from "../doors/http-load.ts";
import type { Contender, Suite } from "../harness/figure.ts";
import { perSecond } from "../harness/rate.ts";

const CONNECTIONS = 32;

export const gateway: Suite = {
  name: "gateway",
  title: `Gateway: requests over ${CONNECTIONS} kept-alive connections, server in its own process`,
  figures: [
    { id: "bare_get", title: "floor: bare Fastify, GET", unit: "requests/s", better: "higher" },
    {
      id: "gateway_get",
      title: "gateway, GET /agent/list",
      unit: "requests/s",
      better: "higher",
      beside: "bare_get",
      target: { of: "ratio", must: 0.6, aim: 0.8 },
    },
    { id: "bare_post", title: "floor: bare Fastify, POST of 130 bytes", unit: "requests/s", better: "higher" },
    {
      id: "gateway_post",
      title: "gateway, POST /agent/task",
      unit: "requests/s",
      better: "higher",
      beside: "bare_post",
      target: { of: "ratio", must: 0.6, aim: 0.8 },
    },
  ],
  async open({ quick }) {
    const bare = await startDoor("bare-server");
    const ours = await startDoor("gateway-server");
    const forMs = quick ? 500 : 2_000;
    const contender = (id: string, port: number, request: string): Contender => ({
      name: id,
      async measure() {
        const { answers, elapsedMs } = await loadRoute({ port, request, connections: CONNECTIONS, forMs });
        return { [id]: perSecond(answers, elapsedMs) };
      },
    });
    return {
      contenders: [
        contender("bare_get", bare.port, getRequest(bare.port)),
        contender("gateway_get", ours.port, getRequest(ours.port)),
        contender("bare_post", bare.port, postRequest(bare.port)),
        contender("gateway_post", ours.port, postRequest(ours.port)),
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
