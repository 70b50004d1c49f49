// The agent kReviewer:main.

import type { Agent } from "@kos/agent";
import { defineAgent } from "@kos/agent";
import { reviewCheck } from "./review-check.ts";

export function createReviewerAgent(): Agent {
  return defineAgent({
    class: "kReviewer",
    name: "main",
    version: "0.1.0",
    description: "Checks results against the criteria of their plan and says what is wrong with them.",
    capabilities: [reviewCheck],
  });
}
