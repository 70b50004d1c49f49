// The process roles: what runs as a process of its own and is bundled for it. A role's bundle is dist/<name>.js, so that roles find each
// other as siblings; a role whose entry is not there yet is left out.

/** @type {readonly { name: string, entry: string }[]} */
export const roles = [
  { name: "kai", entry: "apps/kai/src/main.ts" },
  { name: "node", entry: "apps/kos/src/roles/node.ts" },
  { name: "worker", entry: "apps/kos/src/roles/worker.ts" },
  { name: "data", entry: "apps/kos/src/roles/data.ts" },
  { name: "auditor", entry: "apps/kos/src/roles/auditor.ts" },
  { name: "writer", entry: "apps/kos/src/roles/writer.ts" },
];
