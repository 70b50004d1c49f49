// What the guard needs of the machine: names resolved, sockets to vetted addresses, its own addresses, and a timer.

import type { Socket } from "node:net";

export interface Endpoint {
  /** For the certificate and SNI only; never resolved again. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Vetted. The socket must lead to one of them and to nothing else; there is at least one. */
  readonly addresses: readonly string[];
}

/**
 * The guard calls `resolve` once for each hop that names a host, then `connect` once with what passed. Implementations hold no policy
 * and must not follow proxies, environment variables or caches of their own.
 */
export interface Network {
  /** All addresses of a name, canonical text. Rejects with the system's error (`ENOTFOUND`, `EAI_AGAIN`) when there are none. */
  resolve(host: string): Promise<readonly string[]>;
  /**
   * A connected socket, after the TLS handshake when `secure`, with an `error` listener attached. The caller destroys it. Rejects with
   * the system's error; on abort destroys what it opened and rejects with the signal's reason.
   */
  connect(endpoint: Endpoint, signal: AbortSignal): Promise<Socket>;
  /** The addresses of this machine's interfaces, canonical text. */
  localAddresses(): readonly string[];
  /** Runs `callback` once after `delayMs`, unless the returned function is called before. */
  after(delayMs: number, callback: () => void): () => void;
}
