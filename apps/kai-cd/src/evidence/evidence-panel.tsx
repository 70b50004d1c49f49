// Evidence of a run: bring it here, check it in this browser, see every check and, where one fails, the item that is wrong.

import type { EvidenceReport } from "@kos/evidence";
import { type ReactNode, useId, useState } from "react";
import { plural } from "../format/quantity.ts";
import { Button } from "../ui/button.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { CheckList } from "./check-list.tsx";
import { type Flipped, flipByte } from "./flip-byte.ts";
import { verifyInBrowser } from "./verify.ts";

export interface EvidencePanelProps {
  /** Brings the file. */
  readonly load: () => Promise<Uint8Array<ArrayBuffer>>;
  /** The key of the node this console belongs to. */
  readonly ownNode: string | undefined;
  readonly children?: ReactNode;
}

interface Checked {
  readonly report: EvidenceReport;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly flipped?: Flipped;
  readonly tookMs: number;
}

const DID = /^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;

export function EvidencePanel({ load, ownNode, children }: EvidencePanelProps) {
  const [expected, setExpected] = useState("");
  const [checked, setChecked] = useState<Checked>();
  const [error, setError] = useState<unknown>();
  const [isChecking, setChecking] = useState(false);
  const id = useId();
  const told = expected.trim();
  const isWrongKey = told !== "" && !DID.test(told);

  async function check(bring: () => Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly flipped?: Flipped }>): Promise<void> {
    setChecking(true);
    setError(undefined);
    try {
      const { bytes, flipped } = await bring();
      const startedAt = performance.now();
      const report = await verifyInBrowser({ bytes: flipped?.bytes ?? bytes, node: told === "" ? ownNode : told });
      setChecked({ report, bytes, tookMs: performance.now() - startedAt, ...(flipped && { flipped }) });
    } catch (thrown) {
      setChecked(undefined);
      setError(thrown);
    }
    setChecking(false);
  }

  const tamper = ({ bytes }: Checked) => check(async () => ({ bytes, flipped: flipByte(bytes, Math.random) }));
  return (
    <div className="grid gap-x-12 gap-y-8 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <section aria-labelledby={`${id}-title`} className="min-w-0">
        <h2 id={`${id}-title`} className="text-xl">
          Evidence
        </h2>
        <p className="mt-2 max-w-prose text-quiet">
          Every event of a run is a leaf of a tree whose root the node has signed. The whole of it goes into one file. It is checked here,
          in your browser, against nothing but the node’s public key.
        </p>
        <div className="mt-5 flex flex-wrap items-center gap-2">
          <Button looks="lead" disabled={isChecking || isWrongKey} onClick={() => void check(async () => ({ bytes: await load() }))}>
            {isChecking ? "Checking…" : "Verify in this browser"}
          </Button>
          {children}
        </div>
        {error !== undefined && (
          <div className="mt-4">
            <ProblemNote error={error} title="The evidence could not be checked." />
          </div>
        )}
        {checked !== undefined && (
          <div className="mt-6">
            <Verdict checked={checked} />
            <CheckList report={checked.report} />
            <div className="mt-5 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm text-quiet">
              <Button disabled={isChecking} onClick={() => void tamper(checked)}>
                Change one byte and check again
              </Button>
              <span>On a copy, to see that it is found.</span>
            </div>
          </div>
        )}
      </section>
      <aside aria-label="The node’s key" className="space-y-4 border-line text-sm lg:border-l lg:pl-6">
        {ownNode !== undefined && (
          <div>
            <h3 className="text-base">The key of this node</h3>
            <p className="mt-1">
              <CopyText text={ownNode} what="the node's key" />
            </p>
            <p className="mt-2 text-quiet">
              A node can say of itself what it likes. Compare this with the key its owner has told you, or the one that{" "}
              <code className="font-mono text-[0.8125rem]">npx kai doctor</code> prints on its machine.
            </p>
          </div>
        )}
        <div>
          <label htmlFor={`${id}-key`} className="font-medium">
            The key I was told <span className="font-normal text-quiet">optional</span>
          </label>
          <input
            id={`${id}-key`}
            value={expected}
            onChange={(event) => setExpected(event.target.value)}
            placeholder="did:key:z6Mk…"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            aria-invalid={isWrongKey}
            aria-describedby={isWrongKey ? `${id}-key-problem` : undefined}
            className="field mt-1.5 font-mono text-[0.8125rem]"
          />
          {isWrongKey && (
            <p id={`${id}-key-problem`} className="mt-1 font-medium text-bad">
              A key looks like did:key:z6Mk and 44 more characters.
            </p>
          )}
        </div>
      </aside>
    </div>
  );
}

function Verdict({ checked: { report, flipped, bytes, tookMs } }: { readonly checked: Checked }) {
  const { ok, run, wrong } = report;
  return (
    <div role="status" className={`rounded-lg border-l-4 px-4 py-3 ${ok ? "border-l-good bg-wash" : "border-l-bad bg-bad-wash"}`}>
      <p className="font-title text-lg">{ok ? "The evidence holds." : "The evidence does not hold."}</p>
      <p className="numeric mt-0.5 text-sm text-quiet">
        {run === undefined ? "" : `${plural(run.events, "event")}, `}
        {plural(bytes.length, "byte")}, checked in {Math.max(1, Math.round(tookMs)).toLocaleString()} ms
        {run !== undefined && !run.closed && ". The run had not finished: what came later is not in it"}
      </p>
      {flipped !== undefined && (
        <p className="mt-1.5 text-sm">
          Byte {flipped.offset.toLocaleString()} was changed from {hex(flipped.before)} to {hex(flipped.after)}.
        </p>
      )}
      {wrong.length > 0 && (
        <p className="mt-1.5 text-sm">
          Wrong:{" "}
          {wrong.slice(0, 12).map((item) => (
            <code key={item} className="mr-2 font-mono text-[0.8125rem] break-all text-bad">
              {item}
            </code>
          ))}
          {wrong.length > 12 && `and ${wrong.length - 12} more`}
        </p>
      )}
    </div>
  );
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
