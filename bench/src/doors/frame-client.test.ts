import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { openFrameClient } from "./frame-client.ts";

describe("the client that counts frames", () => {
  it("counts short, long and very long frames, and sends text", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const sockets = new WebSocketServer({ server });
    const heard: string[] = [];
    sockets.on("connection", (socket) =>
      socket.on("message", (data: Buffer) => {
        heard.push(data.toString());
        for (const size of [1, 125, 126, 65_535, 65_536, 200_000]) socket.send("x".repeat(size));
      }),
    );
    const client = await openFrameClient((server.address() as AddressInfo).port, "/", "kos.1");
    client.sendText("go on, ".repeat(30));
    await client.reaches(6);
    expect(client.count).toBe(6);
    expect(heard).toEqual(["go on, ".repeat(30)]);
    client.close();
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
});
