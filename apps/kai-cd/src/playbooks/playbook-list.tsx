// The playbooks of this node, to choose one of.

import type { PlaybookView } from "@kos/api";
import { plural } from "../format/quantity.ts";
import { Link } from "../routing/link.tsx";

export function PlaybookList({ playbooks }: { readonly playbooks: readonly PlaybookView[] }) {
  return (
    <ul className="divide-y divide-line border-y border-line">
      {playbooks.map((playbook) => (
        <li key={playbook.name}>{playbook.problems.length === 0 ? <Offered playbook={playbook} /> : <Broken playbook={playbook} />}</li>
      ))}
    </ul>
  );
}

function Offered({ playbook }: { readonly playbook: PlaybookView }) {
  return (
    <div className="group relative grid gap-x-8 gap-y-1 px-1 py-5 transition-colors hover:bg-sunk sm:grid-cols-[1fr_auto] sm:px-3">
      <h3 className="text-lg leading-snug">
        <Link to={{ page: "new", playbook: playbook.name }} className="after:absolute after:inset-0 group-hover:text-accent">
          {playbook.title}
        </Link>
      </h3>
      <p className="row-start-3 max-w-prose text-sm text-quiet sm:row-start-2">{playbook.description}</p>
      <p className="text-2xs text-quiet sm:text-right">
        <code className="font-mono">{playbook.name}</code>
        <span className="block">
          {plural(playbook.tasks, "task")}
          {playbook.origin === "own" && " · your own"}
        </span>
      </p>
    </div>
  );
}

function Broken({ playbook }: { readonly playbook: PlaybookView }) {
  return (
    <div className="px-1 py-5 sm:px-3">
      <h3 className="text-lg text-quiet">{playbook.title === "" ? playbook.name : playbook.title}</h3>
      <p className="mt-1 text-sm text-bad">This playbook cannot be used as it is written:</p>
      <ul className="list-disc pl-5 text-sm text-quiet">
        {playbook.problems.map((problem) => (
          <li key={problem} className="break-words">
            {problem}
          </li>
        ))}
      </ul>
    </div>
  );
}
