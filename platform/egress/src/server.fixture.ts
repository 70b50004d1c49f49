// Loopback servers for tests: well-behaved, hostile to the byte, and one that only counts who comes.

import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { Certificate } from "./certificate.fixture.ts";

export interface TestServer extends AsyncDisposable {
  readonly port: number;
}

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface HttpTestServer extends TestServer {
  readonly seen: SeenRequest[];
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void;

/** Answers each request after its body has been read. */
export async function httpServer(answer: Answer, certificate?: Certificate): Promise<HttpTestServer> {
  const seen: SeenRequest[] = [];
  const read = async (message: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const request = {
      method: message.method ?? "",
      url: message.url ?? "",
      headers: message.headers,
      body: Buffer.concat(chunks).toString(),
    };
    seen.push(request);
    answer(request, response);
  };
  const listener = (message: IncomingMessage, response: ServerResponse) => void read(message, response);
  const server =
    certificate === undefined ? createHttpServer(listener) : createHttpsServer({ key: certificate.key, cert: certificate.cert }, listener);
  return Object.assign(await listen(server, "127.0.0.1"), { seen });
}

/** Gives the socket away once the head of a request has arrived. */
export async function rawServer(answer: (socket: Socket) => void): Promise<TestServer> {
  const server = createTcpServer((socket) => {
    let head = "";
    const onData = (chunk: Buffer) => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      socket.off("data", onData);
      answer(socket);
    };
    socket.on("error", () => {});
    socket.on("data", onData);
  });
  return await listen(server, "127.0.0.1");
}

export interface Canary extends TestServer {
  hits(): number;
}

/** Listens on every address of this machine, IPv4 and IPv6, and counts connections. */
export async function canary(): Promise<Canary> {
  let hits = 0;
  const server = createTcpServer((socket) => {
    hits++;
    socket.on("error", () => {});
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhit!");
  });
  return Object.assign(await listen(server, "::"), { hits: () => hits });
}

async function listen(server: Server, host: string): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
