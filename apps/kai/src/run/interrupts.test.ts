import { expect, it } from "vitest";
import { createTestMachine } from "../testing/test-machine.ts";
import { keepInterrupts } from "./interrupts.ts";

it("a Ctrl-C that came before anyone listened is told to whoever listens first, once", async () => {
  const machine = await createTestMachine();
  using interrupts = keepInterrupts(machine);
  machine.interrupt();
  const heard: string[] = [];
  const stop = interrupts.listen(() => heard.push("first"));
  expect(heard).toEqual(["first"]);
  machine.interrupt();
  expect(heard).toEqual(["first", "first"]);
  stop();
  machine.interrupt();
  expect(heard).toEqual(["first", "first"]);
});

it("a second Ctrl-C before anyone listens is left to the system, which ends the process", async () => {
  const machine = await createTestMachine();
  using _ = keepInterrupts(machine);
  expect(machine.interruptListeners()).toBe(1);
  machine.interrupt();
  expect(machine.interruptListeners()).toBe(0);
});
