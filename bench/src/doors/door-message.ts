// What a measured server and the process that measures it say to each other.

export const TOKEN = "kos_owner_token_of_the_bench";
export const AGENTS_PATH = "/agent/list?limit=50";
export const SUBMIT_PATH = "/agent/task";
export const SUBPROTOCOL = "kos.1";

/** About 700 bytes of JSON, as a page of agents is. */
export const AGENT_PAGE = {
  items: Array.from({ length: 3 }, (_, index) => ({
    id: `kExecutor:worker-${index}`,
    class: "kExecutor" as const,
    version: "0.1.0",
    description: "Reads files, measures code, renders reports",
    key: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
    state: "ready" as const,
    capabilities: ["fs.scan", "fs.read", "code.metrics"],
    in_flight: 0,
    max_tasks: 16,
    last_heartbeat_at: "2026-11-22T10:11:12.345Z",
  })),
  next_cursor: null,
};

export const ACCEPTED = {
  task_id: "019a2b3c-4d5e-7f00-8a1b-2c3d4e5f6071",
  plan_id: "019a2b3c-4d5e-7f00-8a1b-2c3d4e5f6071",
  status: "running" as const,
};

export const SUBMIT_BODY = JSON.stringify({
  capability: "fs.scan",
  params: { path: "/srv/data", depth: 3, follow: false, ignore: ["node_modules", "dist"] },
});

export type DoorOrder = { readonly kind: "burst"; readonly frames: number };
export type DoorAnswer = { readonly kind: "ready"; readonly port: number };
