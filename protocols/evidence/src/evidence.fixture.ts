// A small log in memory for the tests of this package: several runs interleaved, one node, fixed keys and salts.

import { createSigner, encodeDidKey, formatHash, hashText, MerkleTree } from "@kos/klp";
import type { EvidenceLog, EvidenceRequest } from "./build-evidence.ts";
import { type EventHeader, eventHeaderText, eventLeafHash } from "./event-header.ts";
import { formatSalt, payloadCommitment, SALT_BYTES } from "./payload-commitment.ts";
import { logId, signTreeHead } from "./tree-head.ts";

export const SIGNER = createSigner(new Uint8Array(32).fill(9));
export const NODE = encodeDidKey(SIGNER.publicKey);
export const ENVELOPE = '{"id":"m1","type":"TASK_RESULT"}';
export const REPORT = new TextEncoder().encode("# Report\n");

export interface SampleEvent {
  readonly planId: string;
  readonly type: string;
  readonly payload: string;
}

/** The runs `run-a` (closed) and `run-b` (open), event by event in turn. */
export function sampleEvents(perRun: number): SampleEvent[] {
  const events: SampleEvent[] = [];
  for (let seq = 1; seq <= perRun; seq++) {
    for (const planId of ["run-a", "run-b"]) {
      const closes = seq === perRun && planId === "run-a";
      events.push({ planId, type: closes ? "plan.finished" : "task.succeeded", payload: payloadOf(planId, seq) });
    }
  }
  return events;
}

export class SampleLog implements EvidenceLog {
  readonly #rows: { position: number; planId: string; header: string; payload: string | null; salt: string | null }[] = [];
  readonly #tree: MerkleTree;

  constructor(events: readonly SampleEvent[]) {
    const last = new Map<string, { seq: number; leaf: Uint8Array }>();
    for (const [position, { planId, type, payload }] of events.entries()) {
      const salt = new Uint8Array(SALT_BYTES).fill(position);
      const before = last.get(planId);
      const header: EventHeader = {
        v: 1,
        type,
        tenant: "local",
        partition: 3,
        plan_id: planId,
        plan_seq: (before?.seq ?? 0) + 1,
        prev: before === undefined ? null : formatHash(before.leaf),
        at: "2026-11-22T13:00:00.000Z",
        payload_commitment: payloadCommitment(salt, payload),
      };
      const text = eventHeaderText(header);
      last.set(planId, { seq: header.plan_seq, leaf: eventLeafHash(text) });
      this.#rows.push({ position, planId, header: text, payload, salt: formatSalt(salt) });
    }
    this.#tree = new MerkleTree(this.#rows.map((row) => eventLeafHash(row.header)));
  }

  forget(planId: string): void {
    for (const row of this.#rows) if (row.planId === planId) Object.assign(row, { payload: null, salt: null });
  }

  async head(partition: number): ReturnType<EvidenceLog["head"]> {
    return this.#rows.length === 0 ? undefined : signTreeHead(logId(NODE, partition), this.#tree.size, this.#tree.root(), SIGNER.sign);
  }

  async readStream(query: Parameters<EvidenceLog["readStream"]>[0]): ReturnType<EvidenceLog["readStream"]> {
    const rows = this.#rows.filter((row) => row.planId === query.plan_id);
    return rows.slice(query.from_seq - 1, query.from_seq - 1 + query.limit);
  }

  async nodes(_partition: number, places: Parameters<EvidenceLog["nodes"]>[1]): Promise<readonly Uint8Array[]> {
    return places.map(({ level, index }) => this.#tree.nodeAt(level, index));
  }
}

export function requestFor(log: EvidenceLog, planId: string): EvidenceRequest {
  return {
    log,
    node: NODE,
    signer: SIGNER,
    partition: 3,
    planId,
    createdAt: "2026-11-22T14:00:00.000Z",
    content: async ({ bytes }) => (bytes === REPORT.length ? REPORT : undefined),
    envelope: async (hash) => (hash === hashText(ENVELOPE) ? ENVELOPE : undefined),
  };
}

function payloadOf(planId: string, seq: number): string {
  if (seq === 2) return JSON.stringify({ task_id: "a", envelope_hash: hashText(ENVELOPE) });
  if (seq === 3) {
    const report = { name: "report.md", media_type: "text/markdown", bytes: REPORT.length, hash: hashText(REPORT) };
    return JSON.stringify({
      artifacts: [report],
      output: { blob: { hash: hashText("large"), bytes: 70_000, media_type: "application/json" } },
    });
  }
  return JSON.stringify({ text: `${planId} "${seq}" — ünïcode`, n: seq });
}
