import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RetentionView, ScheduleRequest, ScheduleView } from "@kos/api";
import { planView } from "@kos/api/scripted-run.fixture";
import type { Handlers } from "@kos/gateway";
import { KosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { runKai } from "../kai.ts";
import { startFakeNode } from "../testing/fake-node.ts";
import { createTestMachine, type TestMachineOptions } from "../testing/test-machine.ts";

const ID = "019a8c3e-7b1a-7000-8000-00000000beef";
const PLAN = "019a8c3e-7b1a-7000-8000-00000000cafe";
const SCHEDULE: ScheduleView = {
  schedule_id: ID,
  name: "Report\u001b[2J on x",
  status: "active",
  request: {},
  every: "0 9 * * 1-5",
  zone: "Europe/Berlin",
  missed: "once",
  overlap: "skip",
  fs_roots: ["/x"],
  playbook: { name: "repo-report", hash: "sha256:1" },
  created_by: "person:owner",
  created_at: "2026-11-22T12:00:00Z",
  updated_at: "2026-11-22T12:00:00Z",
  next_at: "2099-11-23T08:00:00Z",
  runs_total: 1,
  runs: [
    {
      run: 1,
      due_at: "2026-11-22T12:00:00Z",
      fired_at: "2026-11-22T12:00:00Z",
      cause: "missed",
      plan_id: PLAN,
      status: "succeeded",
      notes: ["The playbook repo-report has changed since this was scheduled."],
    },
  ],
};

async function open(handlers: Partial<Handlers>, options: TestMachineOptions = {}) {
  const machine = await createTestMachine(options);
  const data = join(machine.cwd, "data");
  const node = await startFakeNode({ dataFolder: data, view: planView([]), handlers });
  const kai = (...args: string[]) => runKai(["--data", data, ...args], machine);
  return { machine, node, kai };
}

describe("kai run --at and --every", () => {
  it("hands the request over with its grant, and says when it runs first", async () => {
    const asked: { body: ScheduleRequest; grant: string | undefined }[] = [];
    const { machine, node, kai } = await open({
      createSchedule: async ({ body, grant }) => {
        asked.push({ body, grant });
        return SCHEDULE;
      },
    });
    await using _node = node;
    await mkdir(join(machine.cwd, "x"));
    await writeFile(join(machine.cwd, "x", "a"), "a");
    expect(await kai("run", "repo-report", "--path", "x", "--every", "0 9 * * 1-5", "--zone", "Europe/Berlin", "--overlap", "queue")).toBe(
      0,
    );
    expect(asked).toEqual([
      {
        body: {
          request: { playbook: "repo-report", params: { path: join(machine.cwd, "x") } },
          every: "0 9 * * 1-5",
          zone: "Europe/Berlin",
          overlap: "queue",
        },
        grant: expect.any(String),
      },
    ]);
    expect(machine.out()).toContain("scheduled 0000beef");
    expect(machine.out()).toContain("2099-11-23T08:00:00Z");
    expect(machine.out()).not.toContain("\u001b");
  });

  it.each([
    [["--zone", "UTC"], "--zone belongs to --at or --every"],
    [["--every", "1h", "--detach"], "--detach is about a run that starts now"],
    [["--at", "+10m", "--out", "x"], "--out does not go with"],
    [["--every", "1h", "--missed", "perhaps"], "missed"],
  ])("refuse %j", async (options, message) => {
    const { machine, node, kai } = await open({});
    await using _node = node;
    expect(await kai("run", "repo-report", "--path", ".", ...options)).toBe(2);
    expect(machine.err()).toContain(message);
  });
});

describe("kai schedules", () => {
  it("lists what runs when, and what came of it", async () => {
    const { machine, node, kai } = await open({ schedules: async () => ({ items: [SCHEDULE], next_cursor: null }) });
    await using _node = node;
    expect(await kai("schedules", "list")).toBe(0);
    for (const word of ["0000beef", "active", "0 9 * * 1-5", "Europe/Berlin", "once/skip", "succeeded"])
      expect(machine.out()).toContain(word);
    expect(machine.out()).not.toContain("\u001b");
  });

  it("shows, pauses, removes and runs one by a part of its id", async () => {
    const patches: unknown[] = [];
    const { machine, node, kai } = await open({
      schedules: async () => ({ items: [SCHEDULE], next_cursor: null }),
      schedule: async () => SCHEDULE,
      patchSchedule: async ({ body }) => {
        patches.push(body);
        return { ...SCHEDULE, status: "paused", next_at: null };
      },
      removeSchedule: async () => ({ ...SCHEDULE, status: "removed", next_at: null }),
      runSchedule: async ({ idempotencyKey }) => {
        if (idempotencyKey === undefined) throw new KosError("BAD_REQUEST", "no key");
        return { schedule_id: ID, plan_id: PLAN };
      },
    });
    await using _node = node;
    expect(await kai("schedules", "show", "beef")).toBe(0);
    expect(machine.out()).toContain("has changed since this was scheduled");
    expect(machine.out()).toContain("/x");
    expect(await kai("schedules", "pause", "0000beef", "--reason", "holidays")).toBe(0);
    expect(await kai("schedules", "resume", ID)).toBe(0);
    expect(patches).toEqual([{ paused: true, reason: "holidays" }, { paused: false }]);
    expect(await kai("schedules", "remove", "0000beef")).toBe(0);
    expect(machine.out()).toContain("removed");
    expect(await kai("schedules", "run-now", "0000beef")).toBe(0);
    expect(machine.out()).toContain(`${PLAN} started`);
    expect(await kai("schedules", "show", "12345678")).not.toBe(0);
  });
});

describe("kai schedules change", () => {
  function changing(bodies: unknown[]): Partial<Handlers> {
    return {
      schedules: async () => ({ items: [SCHEDULE], next_cursor: null }),
      patchSchedule: async ({ body, params }) => {
        bodies.push([params["schedule_id"], body]);
        if (body.zone === "Nowhere") throw new KosError("BAD_REQUEST", "There is no time zone Nowhere.");
        return { ...SCHEDULE, ...(body.overlap && { overlap: body.overlap }) };
      },
    };
  }

  it("hands over what is to be another, and says when it runs next", async () => {
    const bodies: unknown[] = [];
    const { machine, node, kai } = await open(changing(bodies));
    await using _node = node;
    Object.assign(machine, { now: () => Date.parse("2027-03-01T08:50:00Z") });
    expect(await kai("schedules", "change", "beef", "--every", "0 7 * * *", "--zone", "UTC", "--missed", "all", "--overlap", "queue")).toBe(
      0,
    );
    expect(await kai("schedules", "change", ID, "--at", "+10m", "--name", "later")).toBe(0);
    expect(bodies).toEqual([
      [ID, { every: "0 7 * * *", zone: "UTC", missed: "all", overlap: "queue" }],
      [ID, { at: "2027-03-01T09:00:00.000Z", name: "later" }],
    ]);
    for (const word of ["0000beef", "active", "2099-11-23T08:00:00Z", "missed once, overlap queue"]) expect(machine.out()).toContain(word);
    expect(machine.out()).not.toContain("\u001b");
  });

  it("gives the schedule as JSON", async () => {
    const { machine, node, kai } = await open(changing([]));
    await using _node = node;
    expect(await kai("schedules", "change", "beef", "--overlap", "allow", "--json")).toBe(0);
    expect(JSON.parse(machine.out())).toMatchObject({ schedule_id: ID, overlap: "allow" });
  });

  it.each([
    [[], "Nothing is to be changed."],
    [["--missed", "perhaps"], "missed"],
    [["--at", "+soon"], "soon"],
    [["--params", "x"], "params"],
    [["--zone", "Nowhere"], "no time zone Nowhere"],
  ])("refuses %j with exit code 2", async (options, message) => {
    const bodies: unknown[] = [];
    const { machine, node, kai } = await open(changing(bodies));
    await using _node = node;
    expect(await kai("schedules", "change", "beef", ...options)).toBe(2);
    expect(machine.err()).toContain(message);
    expect(bodies).toHaveLength(message.includes("zone") ? 1 : 0);
  });
});

describe("kai retention", () => {
  const VIEW: RetentionView = {
    policy: {
      plan_days: 90,
      store_bytes: 1,
      logs_days: 14,
      artifacts_ephemeral_hours: 24,
      artifacts_session_days: 7,
      artifacts_standard_days: 90,
    },
    store: { bytes: 1000, free_bytes: 10 },
    archive: { path: "/a", files: 2, bytes: 20 },
    preview: {
      plans: 1,
      first: [{ plan_id: PLAN, goal: "old", status: "succeeded", ended_at: "2026-01-01T00:00:00Z" }],
      artifacts: 3,
      artifact_bytes: 5,
      over_size: false,
    },
    running: false,
  };
  const REPORT = {
    started_at: "2026-11-22T12:00:00Z",
    plans: 1,
    archive_bytes: 10,
    artifacts: 3,
    blobs: 0,
    records: 0,
    events_cut: 0,
    archives_removed: 0,
    freed_bytes: 0,
    problems: [],
  };

  function routes(calls: string[]): Partial<Handlers> {
    return {
      retention: async () => ({ ...VIEW, ...(calls.length > 0 && { last: REPORT }) }),
      runRetention: async () => {
        calls.push("run");
        return { ...VIEW, running: true };
      },
    };
  }

  it("says what would go, and removes nothing that nobody has agreed to", async () => {
    const calls: string[] = [];
    const { machine, node, kai } = await open(routes(calls));
    await using _node = node;
    expect(await kai("retention", "show")).toBe(0);
    expect(await kai("retention", "run", "--dry-run")).toBe(0);
    expect(machine.out()).toContain("1 plan, as evidence into /a");
    expect(machine.out()).toContain("3 artifacts");
    expect(await kai("retention", "run")).toBe(2);
    expect(machine.err()).toContain("--yes");
    expect(calls).toEqual([]);
    expect(await kai("retention", "run", "--yes")).toBe(0);
    expect(calls).toEqual(["run"]);
    expect(machine.out()).toContain("1 plan archived");
  });

  it("asks whoever is there, and takes anything but a yes for a no", async () => {
    const calls: string[] = [];
    const { machine, node, kai } = await open(routes(calls), { isTty: true, answers: ["", "y"] });
    await using _node = node;
    expect(await kai("retention", "run")).not.toBe(0);
    expect(machine.out()).toContain("Nothing was removed.");
    expect(calls).toEqual([]);
    expect(await kai("retention", "run")).toBe(0);
    expect(calls).toEqual(["run"]);
  });
});
