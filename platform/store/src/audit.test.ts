import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { logId, signTreeHead, type TreeHead } from "@kos/evidence";
import { createSigner } from "@kos/klp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditStore } from "./audit.ts";
import { keepCheckpoint, readCheckpoints } from "./checkpoint-file.ts";
import { tileKey } from "./sqlite-log-schema.ts";
import { sqliteStore } from "./sqlite-store.ts";
import { event, NOW, Owner, PUBLIC_KEY, SIGNER, TASK_TABLES } from "./store.fixture.ts";
import { HEADER_COLUMNS } from "./stored-header.ts";

const KEY = createSigner(SIGNER.privateKeySeed);
let folder: string;
let original: string;
let heads: TreeHead[];
let copies = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "kos-audit-"));
  original = join(folder, "kos.db");
  heads = [];
  await using store = await sqliteStore({ path: original, signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded: false });
  const owner = await Owner.claim(store.log);
  // Two tiles and a part of a third, in groups of several sizes, five streams in turn.
  for (const count of [1, 40, 1, 260, 3, 230, 1, 1]) {
    await Promise.all(
      Array.from({ length: count }, () => owner.append([event(`p${owner.version % 5}`, Math.floor(owner.version / 5) + 1)])),
    );
    heads.push((await store.log.head(0, { settle: true })) as TreeHead);
  }
  const other = await Owner.claim(store.log, 7);
  await other.append([event("q", 1), event("q", 2)]);
});

afterAll(() => rmSync(folder, { recursive: true }));

type Change = string | readonly [sql: string, ...values: number[]];

/** A copy of the log, changed by SQL, as somebody with the file but not the key would. In partition 0 the key of an event is its position. */
function changed(...changes: Change[]): string {
  const path = join(folder, `copy-${copies++}.db`);
  copyFileSync(original, path);
  const database = new DatabaseSync(path);
  for (const change of changes) {
    const [sql, ...values] = typeof change === "string" ? [change] : change;
    database.prepare(sql).run(...values);
  }
  database.close();
  return path;
}

function firstBad(path: string, checkpoints: readonly TreeHead[] = []): number | undefined {
  const report = auditStore({ path, publicKey: PUBLIC_KEY, checkpoints });
  const [bad] = report.partitions.flatMap(({ finding }) => (finding === undefined ? [] : [finding]));
  expect(report.ok).toBe(bad === undefined);
  return bad?.position;
}

const REST = `${HEADER_COLUMNS}, payload, salt`;

describe("audit of a log", () => {
  test("[A1] an untouched log passes: every event checked and under a signed head", () => {
    const report = auditStore({ path: original, publicKey: PUBLIC_KEY, checkpoints: heads });
    expect(report).toEqual({
      ok: true,
      partitions: [
        { partition: 0, events: 537, signedSize: 537, cutSize: 0, payloadsRemoved: 0, checkpoints: heads.length, finding: undefined },
        { partition: 7, events: 2, signedSize: 2, cutSize: 0, payloadsRemoved: 0, checkpoints: 0, finding: undefined },
      ],
    });
  });

  test("[R62] an edited row is named, whichever column was edited", () => {
    for (const position of [0, 100, 255, 256, 300, 535, 536]) {
      const edits: Change[] = [
        ["UPDATE log_event SET type = 'task.failed' WHERE id = ?", position],
        ["UPDATE log_event SET tenant = 'other' WHERE id = ?", position],
        ["UPDATE log_event SET prev = zeroblob(32) WHERE id = ?", position],
        ["UPDATE log_event SET commitment = zeroblob(32) WHERE id = ?", position],
        ["UPDATE log_event SET commitment = x'00' WHERE id = ?", position],
        ["UPDATE log_event SET payload = '{}' WHERE id = ?", position],
        ["UPDATE log_event SET salt = zeroblob(16) WHERE id = ?", position],
        ["UPDATE log_event SET payload = NULL WHERE id = ?", position],
        ["UPDATE log_event SET plan_seq = 5000 WHERE id = ?", position],
        ["UPDATE log_event SET at = at || ' ' WHERE id = ?", position],
      ];
      for (const edit of edits) expect(firstBad(changed(edit)), edit[0]).toBe(position);
    }
  });

  test("[R62] a deleted row is named", () => {
    for (const position of [0, 100, 255, 256, 535, 536]) {
      expect(firstBad(changed(["DELETE FROM log_event WHERE id = ?", position]))).toBe(position);
    }
    expect(firstBad(changed("DELETE FROM log_event WHERE id < 1000"))).toBe(0);
  });

  test("[R62] an inserted row is named", () => {
    const insert = `INSERT INTO log_event (id, stream, plan_seq, ${REST}) SELECT 537, stream, 900, ${REST} FROM log_event WHERE id = 536`;
    expect(firstBad(changed(insert))).toBe(537);
    // In the middle there is no room: everything after it has to move first.
    const shift = ["UPDATE log_event SET id = -id - 2 WHERE id BETWEEN 100 AND 1000", "UPDATE log_event SET id = -id - 1 WHERE id < 0"];
    const copy = `INSERT INTO log_event (id, stream, plan_seq, ${REST}) SELECT 100, stream, 900, ${REST} FROM log_event WHERE id = 99`;
    expect(firstBad(changed(...shift, copy))).toBe(100);
  });

  test("[R62] two rows that changed places are named by the first of them", () => {
    for (const [left, right] of [
      [3, 8],
      [255, 256],
      [400, 531],
      [535, 536],
    ] as const) {
      const swap: Change[] = [
        ["UPDATE log_event SET id = -1 WHERE id = ?", left],
        ["UPDATE log_event SET id = ? WHERE id = ?", left, right],
        ["UPDATE log_event SET id = ? WHERE id = -1", right],
      ];
      expect(firstBad(changed(...swap))).toBe(left);
    }
  });

  test("[R62] a changed hash, root, signature or stream is found too", () => {
    expect(firstBad(changed(["UPDATE log_tile SET root = zeroblob(32) WHERE id = ?", tileKey(0, 1, 1)]))).toBe(511);
    expect(firstBad(changed("UPDATE log_group SET leaves = zeroblob(length(leaves)) WHERE id = 41"))).toBe(41);
    expect(firstBad(changed("UPDATE log_group SET root = zeroblob(32) WHERE id = 41"))).toBe(41);
    expect(
      firstBad(changed("UPDATE log_group SET signature = zeroblob(64) WHERE id = (SELECT max(id) FROM log_group WHERE id < 1000)")),
    ).toBe(536);
    expect(firstBad(changed("DELETE FROM log_group WHERE id = 41"))).toBe(41);
    expect(firstBad(changed("UPDATE log_stream SET plan_id = 'other' WHERE plan_id = 'p2' AND partition = 0"))).toBe(2);
    expect(firstBad(changed("UPDATE log_group SET root = NULL, signature = NULL"))).toBeDefined();
  });

  test("[R62] who rewrites rows, hashes and tiles to fit each other still lacks the key", () => {
    const path = changed(
      "DELETE FROM log_event WHERE id >= 536 AND id < 1000",
      "DELETE FROM log_group WHERE id = 536",
      "UPDATE log_group SET signature = zeroblob(64) WHERE id = 535",
    );
    expect(firstBad(path)).toBe(535);
  });

  test("[A2] a log signed by another node does not pass", () => {
    const stranger = createSigner(new Uint8Array(32).fill(1)).publicKey;
    expect(auditStore({ path: original, publicKey: stranger }).ok).toBe(false);
  });

  test("[A3] removed payloads are counted, not held against the log", async () => {
    const path = changed();
    await using store = await sqliteStore({ path, signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded: false });
    await store.log.forget({ partition: 0, plan_id: "p1" });
    expect(auditStore({ path, publicKey: PUBLIC_KEY }).partitions[0]).toMatchObject({ finding: undefined, payloadsRemoved: 108 });
  });

  test("[A4] [R124] a file that SQLite cannot read any more is named by the first position that is lost", () => {
    const path = changed();
    const bytes = readFileSync(path);
    bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 8192);
    writeFileSync(path, bytes);
    const report = auditStore({ path, publicKey: PUBLIC_KEY });
    expect(report.ok).toBe(false);
  });
});

describe("checkpoints outside the data folder", () => {
  test("[R63] a tail that was cut off without a trace is found by the checkpoint, and only by it", () => {
    // Back to the state of an earlier head, hashes and signatures included.
    const path = changed("DELETE FROM log_event WHERE id >= 536 AND id < 1000", "DELETE FROM log_group WHERE id >= 536 AND id < 1000");
    expect(firstBad(path)).toBeUndefined();
    expect(firstBad(path, heads)).toBe(536);
    const all = changed(
      "DELETE FROM log_event",
      "DELETE FROM log_group",
      "DELETE FROM log_tile",
      "DELETE FROM log_partition",
      "DELETE FROM log_stream",
    );
    expect(firstBad(all, heads)).toBe(0);
  });

  test("[R63] a checkpoint that the node did not sign says nothing", () => {
    const forged = { ...(heads.at(-1) as TreeHead), size: 9999 };
    expect(firstBad(original, [forged])).toBeUndefined();
  });

  test("[R65] a log rewritten with the node's own key contradicts its checkpoint", () => {
    for (const size of [1, 301, 302, 537]) {
      expect(firstBad(original, [signTreeHead(logId(SIGNER.did, 0), size, new Uint8Array(32).fill(1), KEY.sign)])).toBe(0);
    }
  });

  test("[R63] the file keeps heads in order, survives a line cut by a crash, and reports a log that shrank", () => {
    const path = join(folder, "checkpoints.log");
    const [first, second, third] = heads as [TreeHead, TreeHead, TreeHead];
    expect(keepCheckpoint(path, first, PUBLIC_KEY)).toEqual({ outcome: "kept" });
    appendFileSync(path, '{"log_id":"sha');
    expect(keepCheckpoint(path, third, PUBLIC_KEY)).toEqual({ outcome: "kept" });
    expect(keepCheckpoint(path, third, PUBLIC_KEY)).toEqual({ outcome: "known" });
    expect(readCheckpoints(path)).toEqual([first, third]);
    expect(keepCheckpoint(path, second, PUBLIC_KEY)).toEqual({ outcome: "shrunk", newest: third });
  });

  test("[R65] two heads of one size are both kept as a proof", () => {
    const path = join(folder, "forked.log");
    const honest = heads[2] as TreeHead;
    keepCheckpoint(path, honest, PUBLIC_KEY);
    const other = signTreeHead(honest.log_id, honest.size, new Uint8Array(32), KEY.sign);
    expect(keepCheckpoint(path, other, PUBLIC_KEY)).toEqual({ outcome: "forked", other: honest });
    expect(keepCheckpoint(path, other, PUBLIC_KEY)).toEqual({ outcome: "forked", other: honest });
    expect(readCheckpoints(`${path}.forks`)).toEqual([honest, other]);
    expect(() => keepCheckpoint(path, { ...other, size: 1 }, PUBLIC_KEY)).toThrow(/does not verify/);
  });

  test("[A5] the file does not grow without bound, and keeps its newest half whole", () => {
    const path = join(folder, "many.log");
    const line = (size: number) => `${JSON.stringify({ log_id: "sha256:x", size, root: "r", signature: "s" })}\n`;
    writeFileSync(path, Array.from({ length: 4096 }, (_, size) => line(size)).join(""));
    expect(keepCheckpoint(path, heads[0] as TreeHead, PUBLIC_KEY)).toEqual({ outcome: "kept" });
    const sizes = readCheckpoints(path).map(({ size }) => size);
    expect(sizes).toHaveLength(1024 + 2048 + 1);
    expect(sizes.slice(0, 3)).toEqual([0, 2, 4]);
    expect(sizes.slice(-3)).toEqual([4094, 4095, heads[0]?.size]);
  });

  test("[A5] thinning out never takes the newest head of a log that has not been written for long", () => {
    const path = join(folder, "shared.log");
    const line = (log: string, size: number) => `${JSON.stringify({ log_id: log, size, root: "r", signature: "s" })}\n`;
    const busy = Array.from({ length: 4094 }, (_, size) => line("sha256:busy", size));
    writeFileSync(path, [busy[0], line("sha256:quiet", 7), line("sha256:quiet", 3), ...busy.slice(1)].join(""));
    expect(keepCheckpoint(path, heads[0] as TreeHead, PUBLIC_KEY)).toEqual({ outcome: "kept" });
    expect(readCheckpoints(path).filter(({ log_id: log, size }) => log === "sha256:quiet" && size === 7)).toHaveLength(1);
  });

  test("[R66] a file that cannot be written is an error, not a silence", () => {
    expect(() => keepCheckpoint(join(folder, "no", "such", "folder"), heads[0] as TreeHead, PUBLIC_KEY)).toThrow(/cannot be written/);
  });
});
