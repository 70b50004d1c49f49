// The evidence of one run of this node.

import { useConsole, useSignedIn } from "../app/console.ts";
import { saveFile } from "../artifacts/download.ts";
import { Button } from "../ui/button.tsx";
import { EvidencePanel } from "./evidence-panel.tsx";
import { useNodeKey } from "./use-node-key.ts";

export function RunEvidence({ planId }: { readonly planId: string }) {
  const { commands } = useConsole();
  const { client } = useSignedIn();
  const ownNode = useNodeKey();
  const open = () => client.open("evidence", { params: { plan_id: planId } });
  const download = () =>
    commands.run({
      id: "run.evidence",
      label: "Download the evidence",
      group: "This run",
      perform: async () => saveFile(await (await open()).blob(), `run-${planId}.kos.json`),
    });
  return (
    <EvidencePanel ownNode={ownNode} load={async () => new Uint8Array(await (await open()).arrayBuffer())}>
      <Button onClick={download}>Download run.kos.json</Button>
    </EvidencePanel>
  );
}
