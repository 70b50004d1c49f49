// A WebSocket client that counts frames and reads nothing of them. Light on purpose: what is measured is the server.

import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

export interface FrameClient {
  /** Frames received so far. */
  readonly count: number;
  /** Resolves when so many frames are there. */
  reaches(count: number): Promise<void>;
  sendText(text: string): void;
  close(): void;
}

/** Resolves once the server has switched protocols. */
export async function openFrameClient(port: number, path: string, subprotocol: string): Promise<FrameClient> {
  const socket = await opened(port);
  const key = randomBytes(16).toString("base64");
  const head = `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: ${subprotocol}\r\n\r\n`;
  const frames = createFrameCounter();
  await new Promise<void>((resolve, reject) => {
    let text = "";
    const onHead = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      socket.off("data", onHead);
      if (!text.startsWith("HTTP/1.1 101")) return reject(new Error(`not a WebSocket: ${text.slice(0, 200)}`));
      frames.take(Buffer.from(text.slice(end + 4), "latin1"));
      socket.on("data", (more: Buffer) => frames.take(more));
      resolve();
    };
    socket.on("data", onHead);
    socket.once("error", reject);
    socket.write(head);
  });
  return {
    get count() {
      return frames.count;
    },
    reaches: (count) => frames.reaches(count),
    sendText: (text) => void socket.write(maskedText(text)),
    close: () => socket.destroy(),
  };
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Walks from frame to frame by their lengths (RFC 6455, 5.2; frames of a server are not masked). */
function createFrameCounter() {
  let count = 0;
  let skip = 0;
  let rest = Buffer.alloc(0);
  let waiting: { readonly count: number; readonly done: () => void } | undefined;
  return {
    get count() {
      return count;
    },
    reaches(wanted: number): Promise<void> {
      if (count >= wanted) return Promise.resolve();
      return new Promise((done) => {
        waiting = { count: wanted, done };
      });
    },
    take(chunk: Buffer): void {
      let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      rest = Buffer.alloc(0);
      while (bytes.length > 0) {
        if (skip > 0) {
          const part = Math.min(skip, bytes.length);
          skip -= part;
          bytes = bytes.subarray(part);
          if (skip === 0) count += 1;
          continue;
        }
        const size = frameSize(bytes);
        if (size === undefined) {
          rest = Buffer.from(bytes);
          break;
        }
        skip = size;
      }
      if (waiting !== undefined && count >= waiting.count) waiting.done();
    },
  };
}

/** Bytes of header and payload; undefined when the header is not all there. */
function frameSize(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined;
  const length = (bytes[1] ?? 0) & 0x7f;
  if (length < 126) return 2 + length;
  if (length === 126) return bytes.length < 4 ? undefined : 4 + bytes.readUInt16BE(2);
  return bytes.length < 10 ? undefined : 10 + Number(bytes.readBigUInt64BE(2));
}

function maskedText(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const header =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length])
      : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff]);
  for (let index = 0; index < payload.length; index++) payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  return Buffer.concat([header, mask, payload]);
}
