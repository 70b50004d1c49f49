// A client that asks one route again and again over kept-alive connections. Light on purpose: what is measured is the server.

import { connect, type Socket } from "node:net";

export interface Load {
  readonly port: number;
  /** The request as it goes over the wire. */
  readonly request: string;
  readonly connections: number;
  readonly forMs: number;
}

export interface LoadResult {
  readonly answers: number;
  readonly elapsedMs: number;
}

/** Each connection sends its next request when the answer to the one before is there. Rejects on an answer that is not a success. */
export async function loadRoute({ port, request, connections, forMs }: Load): Promise<LoadResult> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const start = performance.now();
  const counts = await Promise.all(sockets.map((socket) => askUntil(socket, request, start + forMs)));
  const elapsedMs = performance.now() - start;
  for (const socket of sockets) socket.destroy();
  return { answers: counts.reduce((sum, count) => sum + count, 0), elapsedMs };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

function askUntil(socket: Socket, request: string, untilMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answers = 0;
    let text = "";
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("the server closed the connection")));
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (!isWhole(text)) return;
      if (!text.startsWith("HTTP/1.1 2")) return reject(new Error(`not a success: ${text.slice(0, 300)}`));
      text = "";
      answers += 1;
      if (performance.now() < untilMs) socket.write(request);
      else resolve(answers);
    });
    socket.write(request);
  });
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /content-length: *(\d+)/i.exec(text)?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${text.slice(0, 300)}`);
  return text.length >= end + 4 + Number(length);
}
