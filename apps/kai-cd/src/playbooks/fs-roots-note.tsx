// What to know before typing a path: which folders the node may read for the browser, and how the owner grants another one.

import { CommandLine } from "../ui/empty.tsx";

export interface FsRootsNoteProps {
  readonly roots: readonly string[];
  readonly data: string;
  /** As it would be run in the terminal. */
  readonly command: string;
  readonly isRefused: boolean;
}

export function FsRootsNote({ roots, data, command, isRefused }: FsRootsNoteProps) {
  return (
    <div
      className={`rounded-md border px-3 py-2.5 ${isRefused || roots.length === 0 ? "border-wait/50 bg-wait-wash" : "border-line bg-sunk"}`}
    >
      {roots.length === 0 ? (
        <p>
          <strong className="font-medium">No folder is open to the browser yet.</strong> A page may start reading only what the owner of
          this node has listed.
        </p>
      ) : (
        <p>
          The node reads for the browser below:{" "}
          {roots.map((root) => (
            <code key={root} className="mr-1.5 font-mono text-[0.8125rem] break-all">
              {root}
            </code>
          ))}
        </p>
      )}
      <details className="mt-1" open={roots.length === 0 || isRefused ? true : undefined}>
        <summary className="text-quiet underline decoration-dotted underline-offset-4 hover:text-ink">
          {roots.length === 0 ? "How to open one" : "Another folder"}
        </summary>
        <ul className="mt-2 list-disc space-y-2 pl-5">
          <li>
            Once, in a terminal, where you decide by typing the path: <CommandLine>{command}</CommandLine>
          </li>
          <li>
            For good, in <code className="font-mono text-[0.8125rem] break-all">{data}/config/user_config.json</code>:{" "}
            <CommandLine>{'{ "fs": { "roots": ["/path/to/folder"] } }'}</CommandLine> then start the node again.
          </li>
        </ul>
      </details>
    </div>
  );
}
