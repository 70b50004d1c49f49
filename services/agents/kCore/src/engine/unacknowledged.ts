// What agents said that is not on disk yet. An agent says a thing once; when the partition that heard it has to be opened anew, it is told again.

import type { PartitionInput } from "../partition/partition-io.ts";

type Said = Extract<PartitionInput, { kind: "message" | "lost" }>;

/** More than a partition can have open; past it the oldest are forgotten, and their leases tell. */
const MAX_KEPT = 20_000;

export class Unacknowledged {
  /** In the commit that is on its way. */
  #sent: Said[] = [];
  #heard: Said[] = [];

  hear(input: PartitionInput): void {
    if (input.kind !== "message" && input.kind !== "lost") return;
    if (input.kind === "message" && input.message.type === "TASK_PROGRESS" && "progress" in input.message.payload) return;
    this.#heard.push(input);
    if (this.#heard.length > MAX_KEPT) this.#heard.shift();
  }

  /** What has been heard so far is in a commit now. */
  appended(): void {
    this.#sent = this.#heard;
    this.#heard = [];
  }

  committed(): void {
    this.#sent = [];
  }

  /** Everything that may not be on disk, oldest first. What is, is recognised as a repetition. */
  take(): readonly Said[] {
    const all = [...this.#sent, ...this.#heard];
    this.#sent = [];
    this.#heard = [];
    return all;
  }
}
