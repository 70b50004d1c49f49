// Everything of the machine that kai touches, so that commands can be run in a test without a terminal, a network or a clock. main.ts fills it.

export interface Output {
  readonly isTty: boolean;
  write(data: string | Uint8Array): void;
}

export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder the person stands in; relative paths on the command line are meant against it. */
  readonly cwd: string;
  readonly home: string;
  readonly version: string;
  /** The runtime that runs kai, and with which it starts a node. */
  readonly runtime: string;
  /** `v26.10.0`. */
  readonly runtimeVersion: string;
  /** As `process.platform` says it. */
  readonly platform: string;
  /** Undefined where the system has no user ids. */
  readonly uid: number | undefined;
  /** The node's program, beside kai's own. */
  readonly nodeProgram: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: {
    readonly isTty: boolean;
    /** One line without its end; undefined at the end of input or on Ctrl-C. */
    question(prompt: string): Promise<string | undefined>;
    readAll(): Promise<Uint8Array<ArrayBuffer>>;
  };
  columns(): number;
  rows(): number;
  readonly fetch: typeof globalThis.fetch;
  readonly createSocket: (url: string, protocol: string) => WebSocket;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects with the signal's reason when it aborts. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** Returns the way to stop. */
  every(ms: number, run: () => void): () => void;
  /** 32 characters of [A-Za-z0-9_-] that nobody can guess. */
  newSecret(): string;
  isAlive(pid: number): boolean;
  /** Ctrl-C. Returns the way to stop listening; without a listener the process ends. */
  onInterrupt(listener: () => void): () => void;
  /** SIGTERM or the end of the terminal, likewise. */
  onTerminate(listener: () => void): () => void;
}
