// The Network of the machine this runs on: the system's resolver, TCP and TLS sockets, and timers.

import { lookup } from "node:dns/promises";
import type { LookupFunction, Socket, TcpNetConnectOpts } from "node:net";
import { connect as connectTcp, isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { connect as connectTls, getCACertificates } from "node:tls";
import type { Endpoint, Network } from "./network.ts";

interface SystemNetworkOptions {
  /** PEM certificates trusted beside the runtime's own, for an owner's private authority. */
  readonly extraCertificates?: readonly string[];
}

/** A name that is always looked up, so that the vetted addresses are the only ones a socket can get. Source: RFC 6761, `.invalid`. */
const VETTED_NAME = "vetted.invalid";

export function systemNetwork(options: SystemNetworkOptions = {}): Network {
  return {
    async resolve(host) {
      const answers = await lookup(host, { all: true, verbatim: true });
      return answers.map((answer) => answer.address);
    },
    connect: (endpoint, signal) => connectEndpoint(endpoint, signal, options),
    localAddresses: () =>
      Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .map((info) => info.address),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  };
}

async function connectEndpoint(endpoint: Endpoint, signal: AbortSignal, options: SystemNetworkOptions): Promise<Socket> {
  const tcp = connectTcp({
    host: VETTED_NAME,
    port: endpoint.port,
    lookup: answerWith(endpoint.addresses),
    autoSelectFamily: true,
    noDelay: true,
  } satisfies TcpNetConnectOpts & { autoSelectFamily: boolean });
  await settled(tcp, "connect", signal);
  if (!endpoint.secure) return tcp;
  const tls = connectTls({
    socket: tcp,
    host: endpoint.host,
    ALPNProtocols: ["http/1.1"],
    ...(isIP(endpoint.host) === 0 && { servername: endpoint.host }),
    ...(options.extraCertificates && { ca: [...getCACertificates("default"), ...options.extraCertificates] }),
  });
  await settled(tls, "secureConnect", signal);
  return tls;
}

/** Node asks for all addresses when it may try several, and for one otherwise. */
function answerWith(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    const [first] = answers;
    if (first === undefined) callback(new Error("no vetted address"), "", 0);
    else if (options.all) callback(null, answers);
    else callback(null, first.address, first.family);
  };
}

/** Waits for the event, and leaves an `error` listener behind: a socket without one ends the process. */
function settled(socket: Socket, event: "connect" | "secureConnect", signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
      socket.destroy();
    };
    socket.on("error", (error) => {
      reject(error);
      signal.removeEventListener("abort", abort);
    });
    socket.once("close", () => {
      reject(new Error("the connection was closed"));
      signal.removeEventListener("abort", abort);
    });
    socket.once(event, () => {
      resolve();
      signal.removeEventListener("abort", abort);
    });
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
