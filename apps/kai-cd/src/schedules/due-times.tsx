// The next times at which something would run, asked of the node, which alone knows how it reads a pattern.

import type { ScheduleRequest } from "@kos/api";
import { isKosError } from "@kos/klp";
import { useEffect, useState } from "react";
import { useSignedIn } from "../app/console.ts";
import { useResource } from "../data/use-resource.ts";
import { formatDue } from "../format/quantity.ts";

/** Nobody is asked about every letter that is typed. */
const SETTLE_MS = 300;

export function DueTimes({ time }: { readonly time: Pick<ScheduleRequest, "at" | "every" | "zone"> }) {
  const { client } = useSignedIn();
  const asked = useSettled(JSON.stringify(time));
  const due = useResource(`due ${asked}`, (signal) => client.call("dueTimes", { query: JSON.parse(asked) as typeof time }, { signal }));
  const { value, error } = due;
  return (
    <div role="status" className="text-sm">
      {error !== undefined && (
        <p className="font-medium wrap-anywhere text-bad">{isKosError(error) ? error.message : "The node cannot say when that is."}</p>
      )}
      {value !== undefined && (
        <>
          <p className="font-medium">{value.times.length === 1 ? "It runs" : "It runs next"}</p>
          <ol className="numeric mt-1 space-y-0.5 text-quiet">
            {value.times.map((at) => (
              <li key={at}>{formatDue(at, value.zone)}</li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
