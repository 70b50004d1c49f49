// `node.json` in the data folder: where the running node listens, for clients on the same machine. The shape only; files are for others.

const MODES = ["job", "service"] as const;

export interface NodeFile {
  readonly pid: number;
  /** `http://localhost:3000`, without a trailing slash. */
  readonly url: string;
  /** Where untrusted content is shown, `http://127.0.0.1:3001`; an origin of its own. */
  readonly content_origin?: string;
  readonly did: string;
  readonly version: string;
  /** RFC 3339 UTC. */
  readonly started_at: string;
  /** `job`: ends by itself when its last plan has ended. `service`: stays until told. */
  readonly mode: (typeof MODES)[number];
}

/** Undefined where the text is not a node file: then no node can be assumed. */
export function parseNodeFile(text: string): NodeFile | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, url, did, version, started_at, mode } = value as Readonly<Record<string, unknown>>;
  const texts = [url, did, version, started_at].every((field) => typeof field === "string" && field !== "");
  const fits = texts && Number.isSafeInteger(pid) && (pid as number) > 0 && MODES.some((known) => known === mode);
  return fits ? (value as NodeFile) : undefined;
}
