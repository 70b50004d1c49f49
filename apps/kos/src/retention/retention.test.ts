import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { verifyEvidence } from "@kos/evidence";
import { KosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { ADA, DAY, graph, type House, IDENTITY, openHouse } from "./retention.fixture.ts";
import { type RetentionParts, runRetention } from "./retention-run.ts";

function verify(bytes: Uint8Array) {
  return verifyEvidence(bytes, { publicKey: IDENTITY.publicKey });
}

async function listed(house: House) {
  const found: { readonly hash: string }[] = [];
  for await (const blob of house.blobs.list()) found.push(blob);
  return found;
}

const archivedFiles = (house: House) =>
  readdirSync(join(house.folder, "archive"), { recursive: true }).filter((name) => String(name).endsWith(".gz"));

/** A plan costs a dozen syncs, and the disk may be busy with other tests. */
const GENEROUS_MS = 300_000;

describe("retention", { timeout: GENEROUS_MS }, () => {
  it("[R70] archives three hundred plans, gives their space back, and everything that is left verifies", async () => {
    const house = await openHouse();
    const old: string[] = [];
    for (let batch = 0; batch < 10; batch++) old.push(...(await house.endedPlans(30, 6_000)));
    const waiting = (await house.engine.submit({ caller: ADA, graph: graph("waits"), start: false })).plan_id;
    house.pass(40 * DAY);
    const young: string[] = [];
    young.push(...(await house.endedPlans(20, 6_000)));
    const before = await house.store.reclaim();
    const report = await runRetention(house.parts);
    expect(report).toMatchObject({ plans: 300, problems: [] });
    expect(report.events_cut).toBeGreaterThanOrEqual(768);
    const after = await house.store.reclaim();
    expect(before.bytes).toBeGreaterThan(4_000_000);
    expect(after.bytes).toBeLessThan(before.bytes / 2);
    expect(statSync(house.path).size).toBe(after.bytes);

    expect(house.audit()).toMatchObject({ ok: true, partitions: [{ cutSize: report.events_cut }] });
    expect((await house.engine.queries.plans({ tenant: "local", limit: 500 })).items.map(({ plan_id }) => plan_id).sort()).toEqual(
      [...young, waiting].sort(),
    );
    for (const planId of [...young.slice(0, 3), waiting]) {
      const checked = verify(await house.planEvidence.export("local", planId));
      expect(checked).toMatchObject({ ok: true, run: { planId, payloadsRemoved: 0 } });
    }
    // What was removed is in the archive as it was, and the engine says where.
    expect(archivedFiles(house)).toHaveLength(300);
    for (const planId of [old[0], old[299]] as string[]) {
      expect(verify(await house.planEvidence.export("local", planId))).toMatchObject({
        ok: true,
        run: { planId, closed: true, payloadsRemoved: 0 },
      });
      await expect(house.engine.queries.plan("local", planId)).rejects.toMatchObject({ code: "NOT_FOUND" });
      const error = new KosError("NOT_FOUND", "no");
      expect(await house.planEvidence.explain("local", planId, error)).toMatchObject({
        message: expect.stringContaining("removed by retention"),
      });
      expect(await house.planEvidence.explain("other", planId, error)).toBe(error);
      await expect(house.planEvidence.export("other", planId)).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    // The node goes on, and what it writes is proven too.
    const next = await house.endedPlan();
    expect(verify(await house.planEvidence.export("local", next)).ok).toBe(true);
    await house.close();
    const again = await openHouse({ folder: house.folder, startMs: house.nowMs() });
    expect(again.audit().ok).toBe(true);
    expect(verify(await again.planEvidence.export("local", young[0] ?? "")).ok).toBe(true);
    await again.close();
  });

  it("says of a removed plan whose archive is gone that its payload is removed, and still proves its events", async () => {
    const house = await openHouse();
    const planId = await house.endedPlan();
    house.pass(31 * DAY);
    await runRetention(house.parts);
    rmSync(join(house.folder, "archive"), { recursive: true });
    const report = verify(await house.planEvidence.export("local", planId));
    expect(report).toMatchObject({ ok: true, run: { planId, closed: true } });
    expect(report.run?.payloadsRemoved).toBe(report.run?.events);
    expect(JSON.stringify(report)).toContain("removed");
    await house.close();
  });

  it("killed at any step leaves each plan whole or its verified archive, and the next run finishes", async () => {
    const STEPS = 40;
    let finishedAt = 0;
    for (let step = 1; step <= STEPS && finishedAt === 0; step++) {
      const house = await openHouse();
      const plans = [await house.endedPlan(500), await house.endedPlan(500)];
      house.pass(31 * DAY);
      const killed = killedAfter(house.parts, step);
      const outcome = await runRetention(killed.parts).then(
        () => "done",
        (error: unknown) => (error as Error).message,
      );
      if (outcome === "done") finishedAt = step;
      await house.close();
      const again = await openHouse({ folder: house.folder, startMs: house.nowMs() });
      for (const planId of plans) {
        const inLog = await again.store.log.readStream({ partition: 0, plan_id: planId });
        const isWhole = inLog.length > 0 && inLog.every(({ payload }) => payload !== null);
        const archived = await again.archive.read(planId);
        const isArchived = archived !== undefined && verify(archived).ok && verify(archived).run?.payloadsRemoved === 0;
        expect([step, isWhole || isArchived]).toEqual([step, true]);
      }
      expect(again.audit().ok).toBe(true);
      await runRetention(again.parts);
      expect([step, (await again.engine.queries.plans({ tenant: "local" })).items]).toEqual([step, []]);
      for (const planId of plans)
        expect(verify((await again.archive.read(planId)) ?? new Uint8Array())).toMatchObject({ ok: true, run: { payloadsRemoved: 0 } });
      await again.close();
    }
    expect(finishedAt).toBeGreaterThan(8);
  });

  it("removes nothing when the archive cannot be written or is not what was written", async () => {
    const house = await openHouse();
    const planId = await house.endedPlan();
    house.pass(31 * DAY);
    writeFileSync(join(house.folder, "archive"), "in the way");
    await expect(runRetention(house.parts)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect((await house.engine.queries.plan("local", planId)).plan.status).toBe("cancelled");
    rmSync(join(house.folder, "archive"));
    const { file } = await house.archive.keep(planId);
    truncateSync(join(house.folder, "archive", file), 100);
    await runRetention(house.parts);
    expect(verify(gunzipSync(readFileSync(join(house.folder, "archive", file)))).ok).toBe(true);
    await house.close();
  });

  it("leaves alone what is open, what an open fork takes results from, and the newest success of a schedule", async () => {
    const house = await openHouse();
    const source = await house.endedPlan();
    const fork = await house.engine.rerun({ caller: ADA, planId: source, kind: "retry", acceptChanged: true, confirmEffects: true });
    const gone = await house.endedPlan();
    const { schedule_id: id } = await house.engine.schedules.create({
      caller: ADA,
      request: {},
      graph: graph("s"),
      wish: { every: "1d", zone: "UTC" },
    });
    const { plan_id: run = "" } = await house.engine.schedules.run(ADA, id);
    house.pass(31 * DAY);
    await house.store.tables.write([
      { sql: "UPDATE plan SET is_open = 0, status = 'succeeded', ended_at = 1 WHERE plan_id = ?", parameters: [run] },
      { sql: "UPDATE schedule SET last_succeeded = ?", parameters: [run] },
    ]);
    expect((await runRetention(house.parts)).plans).toBe(1);
    const left = (await house.engine.queries.plans({ tenant: "local" })).items.map(({ plan_id }) => plan_id);
    expect(left.sort()).toEqual([source, fork.plan_id, run].sort());
    expect(left).not.toContain(gone);
    await house.close();
  });

  it("lets the oldest go before their time while the store is larger than it may be", async () => {
    const house = await openHouse({ policy: { store_bytes: 2_000_000 } });
    for (let batch = 0; batch < 5; batch++) await house.endedPlans(30, 9_000);
    house.pass(2 * 3_600_000);
    const report = await runRetention(house.parts);
    expect(report.plans).toBeGreaterThan(20);
    expect(report.plans).toBeLessThan(150);
    const { bytes, freeBytes } = await house.store.reclaim();
    expect(bytes - freeBytes).toBeLessThanOrEqual(2_000_000);
    await house.close();
  });

  it("removes artifacts by their class, and bytes when nothing names them any more", async () => {
    const house = await openHouse();
    const put = async (text: string, retention: "ephemeral" | "session" | "standard" | "permanent") => {
      const { hash, bytes } = await house.blobs.put(new TextEncoder().encode(text));
      await house.artifacts.add({
        tenant: "local",
        name: text,
        media_type: "text/plain",
        bytes,
        hash,
        labels: [],
        created_by: "ada",
        retention,
      });
      return hash;
    };
    const hashes = [await put("a", "ephemeral"), await put("b", "session"), await put("c", "standard"), await put("d", "permanent")];
    const shared = await put("shared", "ephemeral");
    await house.artifacts.add({
      tenant: "local",
      name: "kept",
      media_type: "text/plain",
      bytes: 6,
      hash: shared,
      labels: [],
      created_by: "ada",
      retention: "permanent",
    });
    for (const hash of [...hashes, shared]) house.age(hash);
    house.pass(2 * DAY);
    expect(await runRetention(house.parts)).toMatchObject({ artifacts: 2, blobs: 1 });
    house.pass(6 * DAY);
    expect(await runRetention(house.parts)).toMatchObject({ artifacts: 1, blobs: 1 });
    house.pass(100 * DAY);
    expect(await runRetention(house.parts)).toMatchObject({ artifacts: 1, blobs: 1 });
    const there = await Promise.all([...hashes, shared].map(async (hash) => (await house.blobs.stat(hash)) !== undefined));
    expect(there).toEqual([false, false, false, true, true]);
    await house.close();
  });

  it("keeps large values of a plan as long as another plan names them, and not longer", async () => {
    const house = await openHouse();
    const large = { ...graph("y".repeat(300_000)), goal: "large" };
    const submit = async () => {
      const { plan_id: planId } = await house.engine.submit({ caller: ADA, graph: large, start: false });
      await house.engine.command(ADA, { kind: "cancel", planId });
      return planId;
    };
    await submit();
    house.pass(20 * DAY);
    await submit();
    const [body] = await listed(house);
    house.age(body?.hash ?? "");
    house.pass(11 * DAY);
    expect(await runRetention(house.parts)).toMatchObject({ plans: 1, blobs: 0 });
    house.pass(20 * DAY);
    expect(await runRetention(house.parts)).toMatchObject({ plans: 1, blobs: 1 });
    expect(await listed(house)).toEqual([]);
    await house.close();
  });

  it("lets nothing grow for ever: records, histories of schedules and old archives age too", async () => {
    const house = await openHouse({ policy: { archive_days: 60 } });
    const { schedule_id: kept } = await house.engine.schedules.create({
      caller: ADA,
      request: {},
      graph: graph("s"),
      wish: { every: "1d", zone: "UTC" },
    });
    const { schedule_id: gone } = await house.engine.schedules.create({
      caller: ADA,
      request: {},
      graph: graph("s"),
      wish: { every: "1d", zone: "UTC" },
    });
    await house.engine.schedules.remove(ADA, gone);
    const sizes: number[] = [];
    for (let month = 0; month < 4; month++) {
      for (let batch = 0; batch < 3; batch++) await house.endedPlans(30, 2_000);
      house.pass(31 * DAY);
      await runRetention(house.parts);
      sizes.push((await house.store.reclaim()).bytes);
      expect(house.audit().ok).toBe(true);
    }
    expect(sizes[3]).toBeLessThan((sizes[1] ?? 0) * 1.2);
    await expect(house.engine.schedules.get("local", gone)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await house.engine.schedules.pause(ADA, kept)).toMatchObject({ status: "paused" });
    const [events] = await house.store.tables.read<{ count: number }>((query) =>
      query.selectFrom("archived_plan").select(query.fn.countAll().as("count")),
    );
    expect(events?.count).toBeLessThanOrEqual(180);
    expect(archivedFiles(house).length).toBeLessThan(360);
    expect(existsSync(join(house.folder, "archive", "2027-01"))).toBe(false);
    await house.close();
  });
});

/** The parts of a run, in which the whole process dies at the n-th thing it asks of store, disk or engine. */
function killedAfter(parts: RetentionParts, steps: number): { readonly parts: RetentionParts } {
  let left = steps;
  const die = () => {
    left--;
    if (left < 0) throw new Error("killed");
  };
  const guarded = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get(object, name, receiver) {
        const value = Reflect.get(object, name, receiver) as unknown;
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          die();
          return Reflect.apply(value, object, args) as unknown;
        };
      },
    });
  return {
    parts: {
      ...parts,
      engine: guarded(parts.engine),
      archive: guarded(parts.archive),
      artifacts: guarded(parts.artifacts),
      pause: async () => {
        die();
        await parts.pause();
      },
    },
  };
}
