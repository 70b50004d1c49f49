import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomBytes } from "./crypto/node.ts";
import { node, verdict } from "./envelope.fixture.ts";
import {
  type AgentId,
  formatAgentId,
  isAgentClass,
  isAgentId,
  isPlanId,
  isTaskId,
  isTenantId,
  isUuidV7,
  localAgentId,
  type NodeDid,
  type PlanId,
  parseAgentId,
  parseTaskAddress,
  type TaskId,
  taskAddress,
} from "./ids.ts";
import { createUuidV7 } from "./uuid-v7.ts";

describe("[K9] agent ids", () => {
  test("a role address has a class and a name, across nodes the node's did too", () => {
    expect(parseAgentId("kExecutor:web")).toEqual({ class: "kExecutor", name: "web" });
    expect(parseAgentId(`kCore:main@${node.did}`)).toEqual({ class: "kCore", name: "main", node: node.did });
    expect(localAgentId(`kCore:main@${node.did}` as AgentId)).toBe("kCore:main");
    expect(localAgentId("kCore:main" as AgentId)).toBe("kCore:main");
  });

  test.each([
    "",
    "kExecutor",
    "kExecutor:",
    ":web",
    "Executor:web",
    "kexecutor:web",
    "k:web",
    "kExecutor:we b",
    "kExecutor:.web",
    "kExecutor:web-",
    "kExecutor:a:b",
    "kExecutor:web@",
    "kExecutor:web@did:web:x",
    `kExecutor:${"a".repeat(65)}`,
    "kExecutor:web\n",
    "kExecutor:wéb",
    "kExecutor:../x",
  ])("%j is refused", (text) => {
    expect(isAgentId(text)).toBe(false);
    expect(verdict(() => parseAgentId(text))).toBe("BAD_REQUEST");
  });

  test("parsing and writing are each other's reverse", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/);
    const agentClass = fc.stringMatching(/^k[A-Z][A-Za-z0-9]{0,31}$/);
    fc.assert(
      fc.property(agentClass, name, fc.boolean(), (kind, text, remote) => {
        const id = formatAgentId({ class: kind, name: text, ...(remote ? { node: node.did } : {}) });
        expect(parseAgentId(id)).toEqual({ class: kind, name: text, ...(remote ? { node: node.did } : {}) });
      }),
    );
  });

  test("parts that would change the address are refused", () => {
    expect(verdict(() => formatAgentId({ class: "kCore", name: "a@b" }))).toBe("BAD_REQUEST");
    expect(verdict(() => formatAgentId({ class: "kCore:x", name: "a" }))).toBe("BAD_REQUEST");
    expect(verdict(() => formatAgentId({ class: "kCore", name: "a", node: "did:web:x" as NodeDid }))).toBe("BAD_REQUEST");
  });

  test("a long text from outside is cut in the message", () => {
    expect(() => parseAgentId("x".repeat(10_000))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{1,200}$/) as string }),
    );
  });

  test("classes of others look like the built-in ones", () => {
    expect([
      isAgentClass("kExecutor"),
      isAgentClass("kWeather2"),
      isAgentClass("kexecutor"),
      isAgentClass("k"),
      isAgentClass(null),
    ]).toEqual([true, true, false, false, false]);
  });
});

describe("[K9] task and tenant ids", () => {
  const plan = "019a2b3c-4d5e-7f00-8a1b-2c3d4e5f6071" as PlanId;

  test.each(["a", "_", "fetch_2", "a-b", `a${"b".repeat(63)}`, "pages[0]", "pages[123]"])("%s is a task id", (text) => {
    expect(isTaskId(text)).toBe(true);
    expect(parseTaskAddress(taskAddress(plan, text as TaskId))).toEqual({ planId: plan, taskId: text });
  });

  test.each(["", "1a", "-a", "a b", "a.b", "a/b", `a${"b".repeat(64)}`, "a[01]", "a[]", "a[-1]", "a[0][1]", "a[9999999999]", "a\n"])(
    "%j is no task id",
    (text) => {
      expect(isTaskId(text)).toBe(false);
      expect(verdict(() => parseTaskAddress(`${plan}/${text}`))).toBe("BAD_REQUEST");
    },
  );

  test("an address needs a plan id before and nothing after", () => {
    for (const text of ["a", "/a", "plan/a", `${plan}/a/`, `${plan}/`, `${plan.toUpperCase()}/a`]) {
      expect(verdict(() => parseTaskAddress(text))).toBe("BAD_REQUEST");
    }
  });

  test("tenants are short names in lower case", () => {
    expect([
      isTenantId("local"),
      isTenantId("a-1_b"),
      isTenantId("Local"),
      isTenantId(""),
      isTenantId("a/b"),
      isTenantId("a".repeat(65)),
    ]).toEqual([true, true, false, false, false, false]);
  });
});

describe("UUIDv7", () => {
  test("carries its time, version and variant", () => {
    const id = createUuidV7(
      () => 0x0123456789ab,
      () => new Uint8Array(10).fill(0xff),
    )();
    expect(id).toBe("01234567-89ab-77ff-bfff-ffffffffffff");
    expect(isUuidV7(id)).toBe(true);
    expect(isPlanId(id)).toBe(true);
  });

  test("is spelled in one way and has no other version", () => {
    for (const text of [
      "01234567-89AB-77ff-bfff-ffffffffffff",
      "0123456789ab77ffbfffffffffffffff",
      "01234567-89ab-47ff-bfff-ffffffffffff",
      "01234567-89ab-77ff-7fff-ffffffffffff",
      "",
      null,
    ]) {
      expect(isUuidV7(text)).toBe(false);
    }
  });

  test("[K10] ids of one source rise strictly, whatever the clock does and the generator gives", () => {
    const times = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: -5000, max: 5000 })), { maxLength: 60 });
    fc.assert(
      fc.property(times, fc.boolean(), (steps, worst) => {
        let nowMs = 1_800_000_000_000;
        const next = createUuidV7(() => nowMs, worst ? (length) => new Uint8Array(length).fill(0xff) : randomBytes);
        let last = "";
        for (const step of steps) {
          nowMs += step;
          const id = next();
          expect(isUuidV7(id)).toBe(true);
          expect(id > last).toBe(true);
          last = id;
        }
      }),
    );
  });

  test("many ids of one millisecond rise and differ", () => {
    const next = createUuidV7(
      () => 1_800_000_000_000,
      (length) => new Uint8Array(length).fill(0xff),
    );
    let last = next();
    for (let count = 0; count < 100_000; count++) {
      const id = next();
      if (id <= last) expect.fail(`${id} after ${last}`);
      last = id;
    }
    expect(isUuidV7(last)).toBe(true);
  });
});
