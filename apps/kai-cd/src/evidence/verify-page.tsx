// Checks an evidence file that somebody has sent: from this node or from any other.

import { useId, useState } from "react";
import { formatBytes } from "../format/quantity.ts";
import { Empty } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { EvidencePanel } from "./evidence-panel.tsx";

const MOST_BYTES = 256 * 1024 * 1024;

export function VerifyPage() {
  const [file, setFile] = useState<File>();
  const id = useId();
  const isTooLarge = file !== undefined && file.size > MOST_BYTES;
  return (
    <>
      <PageHead title="Verify a file">
        <p className="max-w-prose">
          Check the evidence of a run that somebody has sent you, from this node or any other. The file does not leave this browser.
        </p>
      </PageHead>
      <label htmlFor={id} className="mb-1.5 block font-medium">
        Evidence file
      </label>
      <input
        id={id}
        type="file"
        accept=".json,application/json"
        onChange={(event) => setFile(event.target.files?.[0])}
        className="field mb-8 max-w-xl py-1.5 file:mr-3 file:rounded file:border-0 file:bg-sunk file:px-3 file:py-1.5 file:font-medium"
      />
      {isTooLarge && <p className="text-bad">This file has {formatBytes(file.size)}; no evidence is as large as that.</p>}
      {file === undefined ? (
        <Empty title="No file chosen">
          <p>
            It is called <code className="font-mono">run-….kos.json</code> and comes from the Evidence of a run, or from{" "}
            <code className="font-mono">npx kai show ID --evidence</code>.
          </p>
        </Empty>
      ) : (
        !isTooLarge && (
          <EvidencePanel
            key={`${file.name} ${file.lastModified} ${file.size}`}
            ownNode={undefined}
            load={async () => new Uint8Array(await file.arrayBuffer())}
          />
        )
      )}
    </>
  );
}
