import { once } from "node:events";
import { isIP } from "node:net";
import { createServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { selfSignedCertificate } from "./certificate.fixture.ts";
import { httpServer, rawServer } from "./server.fixture.ts";
import { systemNetwork } from "./system-network.ts";

const forever = new AbortController().signal;

describe("systemNetwork", () => {
  it("[E8] connects to a vetted address and to nothing the host might mean", async () => {
    await using server = await rawServer(() => {});
    for (const host of ["203.0.113.7", "nowhere.invalid", "localhost", "::1"]) {
      const socket = await systemNetwork().connect({ host, port: server.port, secure: false, addresses: ["127.0.0.1"] }, forever);
      expect(socket.remoteAddress).toBe("127.0.0.1");
      socket.destroy();
    }
  });

  it("[E8] tries the next vetted address where one does not answer", async () => {
    await using server = await rawServer(() => {});
    const addresses = ["127.0.0.2", "127.0.0.1"];
    const socket = await systemNetwork().connect({ host: "one.example", port: server.port, secure: false, addresses }, forever);
    expect(socket.remoteAddress).toBe("127.0.0.1");
    socket.destroy();
  });

  it("[E8] sends the host as SNI and checks the certificate against it", async () => {
    const certificate = selfSignedCertificate("one.example");
    const names: (string | false | null)[] = [];
    const server = createServer({ key: certificate.key, cert: certificate.cert }, (socket) => void names.push(socket.servername ?? null));
    server.on("tlsClientError", () => {});
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const network = systemNetwork({ extraCertificates: [certificate.cert] });
    const connected = once(server, "secureConnection");
    const socket = await network.connect({ host: "one.example", port, secure: true, addresses: ["127.0.0.1"] }, forever);
    await connected;
    expect(names).toEqual(["one.example"]);
    socket.destroy();
    await expect(network.connect({ host: "two.example", port, secure: true, addresses: ["127.0.0.1"] }, forever)).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
    await new Promise((resolve) => server.close(resolve));
  });

  it("[E8] checks the certificate of an address against the address, not against some name", async () => {
    const certificate = selfSignedCertificate("localhost");
    await using server = await httpServer((_seen, response) => response.end(), certificate);
    const network = systemNetwork({ extraCertificates: [certificate.cert] });
    const endpoint = { host: "127.0.0.1", port: server.port, secure: true, addresses: ["127.0.0.1"] };
    await expect(network.connect(endpoint, forever)).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    const own = selfSignedCertificate("127.0.0.1");
    await using named = await httpServer((_seen, response) => response.end(), own);
    const trusting = systemNetwork({ extraCertificates: [own.cert] });
    const socket = await trusting.connect({ ...endpoint, port: named.port }, forever);
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  it("[E14] gives up on abort, before and amid the TLS handshake", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    await using silent = await rawServer(() => {});
    const endpoint = { host: "one.example", port: silent.port, secure: true, addresses: ["127.0.0.1"] };
    await expect(systemNetwork().connect(endpoint, AbortSignal.abort(reason))).rejects.toBe(reason);
    setImmediate(() => controller.abort(reason));
    await expect(systemNetwork().connect(endpoint, controller.signal)).rejects.toBe(reason);
  });

  it("resolves with the machine's resolver and knows the machine's addresses", async () => {
    const network = systemNetwork();
    expect((await network.resolve("localhost")).every((address) => isIP(address) !== 0)).toBe(true);
    await expect(network.resolve("nowhere.invalid")).rejects.toMatchObject({ code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) });
    expect(network.localAddresses()).toContain("127.0.0.1");
  });

  it("fires a timer once, and not when it is cancelled", async () => {
    const network = systemNetwork();
    const fired: string[] = [];
    const cancel = network.after(1, () => fired.push("cancelled"));
    cancel();
    await new Promise<void>((resolve) => {
      network.after(2, () => {
        fired.push("kept");
        resolve();
      });
    });
    expect(fired).toEqual(["kept"]);
  });
});
