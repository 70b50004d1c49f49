// Routes about retention.

import type { Handlers } from "@kos/gateway";
import type { RetentionService } from "../retention/retention-service.ts";

export function retentionHandlers(retention: RetentionService): Pick<Handlers, "retention" | "runRetention"> {
  return { retention: () => retention.view(), runRetention: () => retention.run() };
}
