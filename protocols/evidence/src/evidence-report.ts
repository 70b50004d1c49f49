// What a verifier says: the checks in order, what each found and which items are wrong. Meant to be printed as it is.

/** The checks, in the order in which they are made. A file that is not in form stops after the first. */
export const EVIDENCE_CHECKS = [
  ["form", "The file is strict, canonical JSON of a known format"],
  ["node", "It comes from the expected node"],
  ["signature", "The node signed the file as a whole"],
  ["index", "Every item is the one that the file's index lists"],
  ["head", "The node signed the head of its log"],
  ["sequence", "The run's events are numbered without a gap up to its last"],
  ["chain", "Every event names the one before it"],
  ["inclusion", "Every event is in the signed log"],
  ["payloads", "Every payload is the one its event commits to"],
  ["messages", "Messages are listed by hash as the events name them"],
  ["artifacts", "Artifacts are listed by hash as the events name them"],
  ["closed", "The run had ended"],
] as const;

export type EvidenceCheckId = (typeof EVIDENCE_CHECKS)[number][0];

export interface EvidenceCheck {
  readonly id: EvidenceCheckId;
  readonly title: string;
  readonly passed: boolean;
  /** What was found, in a sentence. */
  readonly detail: string;
  /** Where it is wrong, `events/3/payload`, `head`, `signature`; none where other checks say it better. */
  readonly items: readonly string[];
}

export interface EvidenceReport {
  /** Every check passed. A run that had not ended can be ok too: see `closed`. */
  readonly ok: boolean;
  /** Undefined when the file is not in form. */
  readonly run: EvidenceRun | undefined;
  readonly checks: readonly EvidenceCheck[];
  /** All items that some check found wrong. */
  readonly wrong: readonly string[];
}

export interface EvidenceRun {
  readonly node: string;
  /** Whether the caller said which node it had to be. */
  readonly nodeExpected: boolean;
  readonly planId: string;
  readonly partition: number;
  readonly createdAt: string;
  /** False: cut short. What happened after the export is not in it, and nothing here can say that something did. */
  readonly closed: boolean;
  readonly events: number;
  readonly payloadsRemoved: number;
}

/** What a check found. One that failed may leave it to others to say where. */
export interface Finding {
  readonly passed: boolean;
  readonly detail: string;
  readonly items: readonly string[];
}

export function passed(detail: string): Finding {
  return { passed: true, detail, items: [] };
}

export function wrong(detail: string, items: readonly string[]): Finding {
  return { passed: false, detail, items: [...new Set(items)] };
}

export function reportOf(findings: ReadonlyMap<EvidenceCheckId, Finding>, run: EvidenceRun | undefined): EvidenceReport {
  const checks = EVIDENCE_CHECKS.flatMap(([id, title]): EvidenceCheck[] => {
    const finding = findings.get(id);
    return finding === undefined ? [] : [{ id, title, ...finding }];
  });
  return { ok: checks.every((check) => check.passed), run, checks, wrong: [...new Set(checks.flatMap((check) => check.items))] };
}
