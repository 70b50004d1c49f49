// Playbooks as the API shows them.

import type { PlaybookView } from "@kos/api";
import type { PlaybookLibrary } from "@kos/kplanner";

export async function playbookViews(library: PlaybookLibrary): Promise<readonly PlaybookView[]> {
  const all = await library.list();
  return all.map(({ name, version, title, description, hash, origin, params, tasks, shows, docs, findings }) => ({
    name,
    version,
    title,
    description,
    hash,
    origin,
    params: { ...params },
    tasks,
    shows: [...shows],
    ...(docs !== undefined && { docs }),
    problems: findings.map((finding) => finding.message),
  }));
}
