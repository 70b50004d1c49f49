import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { type AddressInfo, connect, createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ask, OWNER, openGateway } from "./gateway.fixture.ts";

// needs: openssl
const missing = (process.env["KOS_TEST_MISSING"] ?? "").split(",");

const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address !== undefined && !address.internal && address.family === "IPv4")?.address;

function reaches(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  return Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)])
    .catch(() => false)
    .finally(() => socket.destroy());
}

describe("where the gateway listens", () => {
  it("[R1] is reached on loopback only", async () => {
    await using door = await openGateway();
    expect(await reaches("127.0.0.1", door.port)).toBe(true);
    if (outside !== undefined) expect(await reaches(outside, door.port)).toBe(false);
    expect(door.url).toBe(`http://localhost:${door.port}`);
  });

  it("[R2] refuses a host that other machines reach, and names the settings that allow it", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "node.example", "127.0.0.1.example"]) {
      for (const remote of [undefined, {}, { behindProxy: false }]) {
        const refused = await openGateway({ host, ...(remote && { remote }) }).catch((error: unknown) => error);
        expect(refused).toMatchObject({ code: "FORBIDDEN" });
        for (const setting of ["listen.host", "listen.allow_remote", "listen.tls", "listen.behind_proxy"])
          expect((refused as Error).message).toContain(setting);
      }
    }
  });

  it("listens elsewhere behind a proxy, and then answers to the listed name without a port", async () => {
    await using door = await openGateway({
      host: "0.0.0.0",
      remote: { behindProxy: true },
      allowedHosts: ["node.example"],
      allowedOrigins: ["https://node.example"],
    });
    const named = { host: "node.example", authorization: `Bearer ${OWNER}`, origin: "https://node.example" };
    expect((await ask(door.port, "GET", "/agent/status", named)).status).toBe(200);
    expect((await ask(door.port, "GET", "/agent/status", { ...named, host: "other.example" })).status).toBe(403);
    expect((await ask(door.port, "GET", "/agent/status", { host: "node.example" })).status).toBe(401);
  });

  it.skipIf(missing.includes("openssl"))("[R2] speaks TLS when it has a certificate, and nothing else then", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kos-tls-"));
    try {
      const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
      execFileSync(
        "openssl",
        [
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:P-256",
          "-nodes",
          "-keyout",
          key,
          "-out",
          cert,
          "-days",
          "2",
          "-subj",
          "/CN=localhost",
        ],
        { stdio: "ignore" },
      );
      const tls = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
      await using door = await openGateway({ host: "0.0.0.0", remote: { tls } });
      expect(door.url).toBe(`https://localhost:${door.port}`);
      const request = httpsRequest(`${door.url}/health`, { ca: tls.cert, agent: false, servername: "localhost" });
      request.end();
      const [response] = (await once(request, "response")) as [{ statusCode: number; resume(): void }];
      response.resume();
      expect(response.statusCode).toBe(200);
      await expect(ask(door.port, "GET", "/health", { host: `localhost:${door.port}` })).rejects.toThrow();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a port in use", () => {
  it("says by which program, and offers another port", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    other.on("connection", (socket) => socket.destroy());
    const refused = await openGateway({ port }).catch((error: unknown) => error);
    other.close();
    expect(refused).toMatchObject({ code: "CONFLICT", details: { port } });
    expect((refused as Error).message).toContain(`Port ${port} is in use by `);
    expect((refused as Error).message).toContain(`(pid ${process.pid})`);
    expect((refused as Error).message).toContain(`--port ${port + 1}`);
  });

  it("says that it is another kOS node", async () => {
    await using first = await openGateway({ handlers: { discovery: async () => ({ protocol: "klp/1.0" }) } });
    // The probe of the second one comes by 127.0.0.1.
    await expect(openGateway({ port: first.port })).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("by another kOS node"),
    });
  });

  it("does not share the name localhost with a stranger on the other address", async () => {
    const stranger = createServer().listen(0, "::1");
    const started = await Promise.race([once(stranger, "listening").then(() => true), once(stranger, "error").then(() => false)]);
    if (!started) return expect(started).toBe(false); // A machine without IPv6.
    const { port } = stranger.address() as AddressInfo;
    await expect(openGateway({ port })).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await reaches("127.0.0.1", port)).toBe(false);
    stranger.close();
  });

  it("leaves the port when it has ended", async () => {
    const door = await openGateway();
    await door.gateway.close();
    await using again = await openGateway({ port: door.port });
    expect((await again.fetch("/health")).status).toBe(200);
  });
});
