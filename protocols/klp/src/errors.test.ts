import { expect, test } from "vitest";
import { ERROR_CODES, ERROR_TABLE } from "./error-table.ts";
import { isKosError, KosError } from "./errors.ts";
import { fromWireError, toWireError } from "./wire-error.ts";

test("an error takes its retry policy from the table unless it says otherwise", () => {
  for (const code of ERROR_CODES) {
    expect(new KosError(code, "text").retryable).toBe(ERROR_TABLE[code].retryable);
    expect(new KosError(code, "text", { retryable: true }).retryable).toBe(true);
    expect(new KosError(code, "text", { retryable: false }).retryable).toBe(false);
  }
});

test("the cause is kept for logs and is absent when there is none", () => {
  const cause = new Error("deeper");
  expect(new KosError("INTERNAL", "text", { cause }).cause).toBe(cause);
  expect("cause" in new KosError("INTERNAL", "text")).toBe(false);
});

test("[K3] an error is recognised across copies of the package, with or without its code", async () => {
  const copy = (await import(`${new URL("./errors.ts", import.meta.url).href}?copy`)) as { readonly KosError: typeof KosError };
  const foreign = new copy.KosError("CONFLICT", "from a second copy");
  expect(foreign).not.toBeInstanceOf(KosError);
  expect(isKosError(foreign)).toBe(true);
  expect(isKosError(foreign, "CONFLICT")).toBe(true);
  expect(isKosError(foreign, "NOT_FOUND")).toBe(false);
});

test("look-alikes are not recognised", () => {
  for (const other of [new Error("x"), { code: "CONFLICT", message: "x", name: "KosError" }, null, undefined, "CONFLICT", 1]) {
    expect(isKosError(other)).toBe(false);
  }
});

test("an error goes over the wire and comes back as it was", () => {
  const error = new KosError("CONFLICT", "The plan is running.", {
    details: { state: "running" },
    retryable: true,
    planId: "p",
    taskId: "t",
    traceId: "r",
  });
  const wire = toWireError(error);
  expect(wire).toEqual({
    code: "CONFLICT",
    message: "The plan is running.",
    details: { state: "running" },
    retryable: true,
    task_id: "t",
    plan_id: "p",
    trace_id: "r",
  });
  expect(toWireError(fromWireError(JSON.parse(JSON.stringify(wire))))).toEqual(wire);
});

test("members that have no value are left out", () => {
  expect(toWireError(new KosError("NOT_FOUND", "Nothing there."))).toEqual({
    code: "NOT_FOUND",
    message: "Nothing there.",
    retryable: false,
  });
});

test("[K2] [R138] whatever else was thrown becomes INTERNAL and shows nothing of itself", () => {
  const secret = "/home/owner/.kos/node.key: SELECT * FROM secrets";
  const thrown: unknown[] = [
    new Error(secret),
    new TypeError(secret, { cause: new Error(secret) }),
    secret,
    { code: "CONFLICT", message: secret },
  ];
  thrown.push(
    undefined,
    null,
    7,
    Symbol("x"),
    Object.assign(new Error(secret), { code: "ENOENT", path: secret }),
    new KosError("INTERNAL", secret),
  );
  for (const value of thrown) {
    const wire = toWireError(value);
    expect(wire.code).toBe("INTERNAL");
    expect(JSON.stringify(wire)).not.toContain("secrets");
    expect(Object.keys(wire).sort()).toEqual(["code", "message", "retryable"]);
  }
});

test("[R138] codes about the machine keep their message and details to themselves and keep their ids", () => {
  for (const code of ERROR_CODES.filter((name) => !ERROR_TABLE[name].public)) {
    const wire = toWireError(new KosError(code, "at /var/lib/kos", { details: { path: "/var/lib/kos" }, traceId: "r" }));
    expect(JSON.stringify(wire)).not.toContain("/var/lib");
    expect(wire).toMatchObject({ code, trace_id: "r" });
    expect(wire.message).toContain(ERROR_TABLE[code].advice);
  }
});

test("[R138] neither stack nor cause is on the wire", () => {
  const wire = toWireError(new KosError("CONFLICT", "Busy.", { cause: new Error("inner") }));
  expect(wire).not.toHaveProperty("stack");
  expect(wire).not.toHaveProperty("cause");
});

test("a code of a newer version is read as INTERNAL with the code beside it", () => {
  const error = fromWireError({ code: "NEW_ONE", message: "Something new.", retryable: true, details: { a: 1 } });
  expect(error).toMatchObject({ code: "INTERNAL", message: "Something new.", retryable: true, details: { a: 1, code: "NEW_ONE" } });
});

test("anything that comes over the wire is read without an error", () => {
  for (const wire of [null, undefined, 4, "text", [], {}, { code: 4 }, { code: "CONFLICT", message: 4, details: [], retryable: "yes" }]) {
    expect(isKosError(fromWireError(wire))).toBe(true);
  }
});
