// An answer written straight to a socket, where no request was read or none may be answered in the usual way: bad heads, refused upgrades.

import type { Duplex } from "node:stream";
import { STATUS_CODES } from "./node-http.ts";
import { PROBLEM_MEDIA_TYPE, problemOf } from "./problem.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

/** Answers with the problem and ends the connection. */
export function endWithProblem(socket: Duplex, thrown: unknown, traceId: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = problemOf(thrown, traceId);
  const text = JSON.stringify(body);
  const lines = Object.entries({
    ...SECURITY_HEADERS,
    ...headers,
    "content-type": PROBLEM_MEDIA_TYPE,
    "content-length": String(Buffer.byteLength(text)),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n${lines.join("")}\r\n${text}`);
}
