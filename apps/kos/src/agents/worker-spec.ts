// What a node tells a child process at its start: which agent it is, whose messages it takes, and where blobs and keys lie.

export interface WorkerSpec {
  readonly data: string;
  readonly agent_id: string;
  /** kCore's id and did:key: the only other end the process speaks with. */
  readonly engine: { readonly id: string; readonly key: string };
  /** `folder`: the process reads and writes them itself. `door`: it may not; the node does, asked over descriptor 3. */
  readonly blobs: "folder" | "door";
  readonly max_artifact_bytes: number;
  readonly log_level: string;
  /** The `egress` section of the configuration; only agents that talk to the outside get it. */
  readonly egress?: unknown;
}

/** How often a worker process says that it is alive. */
export const WORKER_HEARTBEAT_MS = 2_000;

/** The stream on which a confined process asks for blobs. */
export const BLOB_DESCRIPTOR = 3;

/** How long a worker process may take from its start to a proved link: long, since a machine under load starts processes slowly. */
export const WORKER_PROVE_MS = 60_000;

/** The one environment variable a worker reads. */
export const WORKER_SPEC_VARIABLE = "KOS_WORKER";

export function encodeWorkerSpec(spec: WorkerSpec): string {
  return JSON.stringify(spec);
}

export function decodeWorkerSpec(text: string): WorkerSpec {
  return JSON.parse(text) as WorkerSpec;
}
