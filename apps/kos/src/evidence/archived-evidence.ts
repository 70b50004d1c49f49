// Evidence of plans that are in the store or were removed from it: whoever asks gets the fullest there is.

import type { Engine } from "@kos/kcore";
import { isKosError, KosError } from "@kos/klp";
import type { Archive } from "../retention/archive.ts";
import type { EvidenceExport } from "./evidence-export.ts";

export interface PlanEvidence {
  /** From the log; of a removed plan the archived file; where that is gone too, what the log still proves, without content. Errors: NOT_FOUND. */
  export(tenant: string, planId: string): Promise<Uint8Array>;
  /** The error to give instead of "there is no plan", where it was removed and archived. */
  explain(tenant: string, planId: string, error: unknown): Promise<unknown>;
}

export function createPlanEvidence(
  engine: Pick<Engine, "queries" | "retention">,
  evidence: EvidenceExport,
  archive: Archive,
): PlanEvidence {
  /** Its evidence, when it belongs to the tenant. */
  async function archived(tenant: string, planId: string): Promise<Uint8Array | undefined> {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(planId)) return undefined;
    const bytes = await archive.read(planId);
    if (bytes === undefined) return undefined;
    const { events } = JSON.parse(new TextDecoder().decode(bytes)) as {
      readonly events: readonly { readonly header: { readonly tenant: string } }[];
    };
    return events[0]?.header.tenant === tenant ? bytes : undefined;
  }

  return {
    async export(tenant, planId) {
      try {
        await engine.queries.graph(tenant, planId);
        return await evidence.export(planId);
      } catch (error) {
        if (!isKosError(error, "NOT_FOUND")) throw error;
        const bytes = await archived(tenant, planId);
        if (bytes !== undefined) return bytes;
        const record = await engine.retention.archiveOf(planId);
        if (record?.tenant !== tenant) throw error;
        return evidence.export(planId);
      }
    },
    async explain(tenant, planId, error) {
      if (!isKosError(error, "NOT_FOUND") || (await archived(tenant, planId)) === undefined) return error;
      const file = `${archive.path}/${archive.fileOf(planId)}`;
      return new KosError(
        "NOT_FOUND",
        `Plan ${planId} has been removed by retention. Its evidence, with everything in it, is ${file}; \`kai show ${planId} --evidence\` writes it out, \`kai verify\` checks it.`,
        { planId, details: { archive: file }, cause: error },
      );
    },
  };
}
