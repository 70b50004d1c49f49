import { describe, expect, it } from "vitest";
import { type Command, createCommandBook, keyText } from "./command.ts";
import { matching } from "./matching.ts";

const command = (id: string, label: string, altKey?: string): Command => ({
  id,
  label,
  group: "This run",
  ...(altKey !== undefined && { altKey }),
  perform: () => undefined,
});
const key = (code: string, change = {}) => ({ altKey: true, ctrlKey: false, metaKey: false, shiftKey: false, code, ...change });

describe("commands", () => {
  it("are there while something offers them, and answer to their key", () => {
    const book = createCommandBook(() => undefined);
    const pause = command("run.pause", "Pause", "KeyP");
    const takeBack = book.offer([pause]);
    expect(book.forKey(key("KeyP"))).toBe(pause);
    expect(book.forKey(key("KeyP", { ctrlKey: true }))).toBeUndefined();
    expect(book.forKey(key("KeyP", { altKey: false }))).toBeUndefined();
    takeBack();
    expect(book.forKey(key("KeyP"))).toBeUndefined();
    expect(book.offered.get()).toEqual([]);
  });

  it("tell their errors instead of throwing them, whether they fail at once or later", async () => {
    const told: unknown[] = [];
    const book = createCommandBook((error) => told.push(error));
    book.run({
      ...command("a", "a"),
      perform() {
        throw new Error("at once");
      },
    });
    book.run({ ...command("b", "b"), perform: () => Promise.reject(new Error("later")) });
    await expect.poll(() => told.map(String)).toEqual(["Error: at once", "Error: later"]);
  });

  it("are found by their words, best first", () => {
    const all = [command("1", "Show what waits"), command("2", "Cancel…"), command("3", "Verify the evidence")];
    expect(matching(all, "").map(({ id }) => id)).toEqual(["1", "2", "3"]);
    expect(matching(all, "ver").map(({ id }) => id)).toEqual(["3"]);
    expect(matching(all, "run w").map(({ id }) => id)).toEqual(["1"]);
    expect(matching(all, "nothing of it")).toEqual([]);
    expect(keyText("KeyP")).toBe("Alt P");
  });
});
