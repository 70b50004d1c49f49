import { KosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { createSessionKeeper, ticketIn } from "./session.ts";

const TICKET = "t".repeat(43);

function keeper(answer: () => unknown = () => ({ token: "kos_session_1", expires_at: "" })) {
  const kept = new Map<string, string>();
  const calls: unknown[] = [];
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const connect = (token: string | undefined) => ({
    async call(name: string, input: unknown) {
      calls.push({ token, name, input });
      return answer() as never;
    },
  });
  return { kept, calls, open: () => createSessionKeeper({ storage, connect }) };
}

describe("a session", () => {
  it("comes from a ticket, is kept for a reload of the tab, and ends on the node when the person signs out", async () => {
    const { kept, calls, open } = keeper();
    const sessions = open();
    expect(sessions.session.get().token).toBeUndefined();
    await sessions.signIn(TICKET);
    expect(sessions.session.get()).toEqual({ token: "kos_session_1" });
    expect(open().session.get().token).toBe("kos_session_1");
    await sessions.signOut();
    expect(sessions.session.get().token).toBeUndefined();
    expect(kept.size).toBe(0);
    expect(calls.at(-1)).toEqual({ token: "kos_session_1", name: "endSession", input: { body: { token: "kos_session_1" } } });
  });

  it("says why a link did not work, and why it ended", async () => {
    const { open } = keeper(() => {
      throw new KosError("UNAUTHORIZED", "This login link was used before.");
    });
    const sessions = open();
    await sessions.signIn(TICKET);
    expect(sessions.session.get()).toEqual({ token: undefined, notice: "This login link was used before." });
    sessions.expire();
    expect(sessions.session.get().notice).toMatch(/has ended/);
  });

  it.each([
    [`http://localhost:3000/#ticket=${TICKET}`, TICKET],
    [` ${TICKET}\n`, TICKET],
    [`#ticket=${TICKET}`, TICKET],
    ["http://localhost:3000/", undefined],
    [`http://localhost:3000/?ticket=${TICKET}`, undefined],
    ["ticket", undefined],
  ])("[R9] is found in %j as %s", (text, ticket) => {
    expect(ticketIn(text)).toBe(ticket);
  });
});
