/** The content of a manifest that is in order. */

import type { ManifestContent } from "./manifest.ts";

export const manifestContent: ManifestContent = {
  class: "kExecutor",
  name: "web",
  version: "1.2.3-rc.1+build.5",
  description: "Fetches pages.",
  capabilities: [
    {
      name: "web.fetch",
      title: "Fetch a page",
      description: "Gets a page by its address.",
      input: { type: "object" },
      output: { type: "object" },
      effects: ["net.read"],
      idempotent: true,
      reconcile: false,
      timeout_ms: 30_000,
      retry: { max_attempts: 3, backoff_ms: 500, max_backoff_ms: 30_000 },
      cost: 1,
      placement: "worker",
      output_labels: ["untrusted"],
      max_concurrent: 0,
    },
  ],
  permissions: ["net.read"],
  limits: { max_tasks: 16, timeout_ms: 60_000, memory_mb: 256, messages_per_s: 200 },
  secrets: ["github-token"],
  interfaces: ["klp/1.0"],
  health: { interval_ms: 10_000 },
};
