// The playbooks that can be run: found by name, listed with what a person needs to choose, broken ones among them with their faults.

import { KosError } from "@kos/klp";
import type { Finding } from "@kos/plan";
import { findingsError, nearestName } from "@kos/plan";
import { paramsSchema } from "./playbook-params.ts";
import type { PlaybookOrigin, PlaybookSource } from "./playbook-source.ts";
import type { ReadPlaybook } from "./read-playbook.ts";
import { readPlaybook } from "./read-playbook.ts";

/** What `/planner/playbook` shows of one. */
interface PlaybookSummary {
  readonly name: string;
  readonly file: string;
  readonly origin: PlaybookOrigin;
  /** True when the person's own file stands in for a shipped one. */
  readonly replaces_shipped: boolean;
  readonly title: string;
  readonly version: string;
  readonly hash: string;
  readonly description: string;
  readonly docs?: string;
  /** JSON Schema of `params`. */
  readonly params: Readonly<Record<string, unknown>>;
  /** How many there are. */
  readonly tasks: number;
  /** Members of the output to show at the end of a run. */
  readonly shows: readonly string[];
  /** What keeps it from being used; empty for a sound one. A broken one has nothing but its name. */
  readonly findings: readonly Finding[];
}

export interface PlaybookLibrary {
  list(): Promise<readonly PlaybookSummary[]>;
  /** Undefined when there is none of that name. */
  describe(name: string): Promise<PlaybookSummary | undefined>;
  /** Errors: NOT_FOUND with the nearest name, BAD_REQUEST with `details.findings` for a broken one. */
  get(name: string): Promise<ReadPlaybook & { readonly replacesShipped: boolean }>;
}

export function createPlaybookLibrary(source: PlaybookSource): PlaybookLibrary {
  return {
    async list() {
      const files = await source.list();
      const names = [...new Set(files.map((file) => file.name))].sort();
      return names.flatMap((name) => summarise(files.filter((file) => file.name === name)) ?? []);
    },
    async describe(name) {
      return summarise(await source.read(name));
    },
    async get(name) {
      const [file, ...others] = await source.read(name);
      if (file === undefined) throw await notFound(name, source);
      const reading = readPlaybook(file);
      if ("read" in reading) return { ...reading.read, replacesShipped: file.origin === "own" && others.length > 0 };
      throw findingsError(reading.findings) ?? new KosError("INTERNAL", `The playbook ${name} cannot be read.`);
    },
  };
}

function summarise(files: Awaited<ReturnType<PlaybookSource["read"]>>): PlaybookSummary | undefined {
  const [file, ...others] = files;
  if (file === undefined) return undefined;
  const { name, origin } = file;
  const common = { name, file: file.file, origin, replaces_shipped: origin === "own" && others.length > 0 };
  const reading = readPlaybook(file);
  if (!("read" in reading)) return { ...common, ...UNREADABLE, title: name, findings: reading.findings };
  const { playbook, hash } = reading.read;
  return {
    ...common,
    title: playbook.title,
    version: playbook.version,
    hash,
    description: playbook.description,
    ...(playbook.docs !== undefined && { docs: playbook.docs }),
    params: paramsSchema(playbook),
    tasks: playbook.tasks.length,
    shows: playbook.report?.outputs ?? [],
    findings: [],
  };
}

const UNREADABLE = {
  version: "",
  hash: "",
  description: "This playbook is broken: see its findings.",
  params: {},
  tasks: 0,
  shows: [],
} as const;

async function notFound(name: string, source: PlaybookSource): Promise<KosError> {
  const names = [...new Set((await source.list()).map((file) => file.name))].sort();
  const near = nearestName(name, names);
  const hint = near === undefined ? `There are: ${names.slice(0, 20).join(", ")}.` : `Did you mean "${near}"?`;
  return new KosError("NOT_FOUND", `There is no playbook "${name.slice(0, 80)}". ${names.length === 0 ? "None is installed." : hint}`, {
    details: { playbook: name, playbooks: names },
  });
}
