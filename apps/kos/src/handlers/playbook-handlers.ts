// Routes about playbooks: what there is, and what a person saves.

import type { Handlers } from "@kos/gateway";
import type { Engine } from "@kos/kcore";
import { type OwnPlaybooks, playbookOfPlan, starterPlaybook } from "@kos/kplanner";
import type { CapabilityCatalogue } from "@kos/plan";
import type { Planning } from "../planning/planning.ts";
import { need } from "./engine-caller.ts";

export interface PlaybookHandlerOptions {
  readonly engine: Pick<Engine, "queries">;
  readonly planning: Pick<Planning, "playbooks" | "playbook">;
  readonly own: OwnPlaybooks;
  readonly catalogue: CapabilityCatalogue;
}

type PlaybookRoutes = "playbooks" | "playbook" | "savePlaybook" | "removePlaybook" | "checkPlaybook" | "draftPlaybook";

export function playbookHandlers({ engine, planning, own, catalogue }: PlaybookHandlerOptions): Pick<Handlers, PlaybookRoutes> {
  return {
    playbooks: async () => ({ items: [...(await planning.playbooks())], next_cursor: null }),
    playbook: ({ params }) => planning.playbook(need(params, "name")),
    async savePlaybook({ body }) {
      const { findings, ...saved } = await own.save(body.name, body.text, { replace: body.replace ?? false });
      return { ...saved, findings: [...findings] };
    },
    removePlaybook: ({ params }) => own.remove(need(params, "name")),
    async checkPlaybook({ body: { name, text, file } }) {
      const checked = await own.check(name, text === undefined ? undefined : { text, ...(file !== undefined && { file }) });
      return { name, file: checked.file, findings: [...checked.findings] };
    },
    async draftPlaybook({ body: { plan_id: planId, name, title }, caller }) {
      const options = { name, ...(title !== undefined && { title }) };
      if (planId === undefined) return { name, text: starterPlaybook(name, title) };
      return { name, text: playbookOfPlan(await engine.queries.graph(caller.tenant, planId), catalogue, { ...options, planId }) };
    },
  };
}
