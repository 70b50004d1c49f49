import { SCOPES } from "@kos/api";
import { describe, expect, it } from "vitest";
import { testTime } from "./gateway.fixture.ts";
import { createTokenVerifier } from "./token-verifier.ts";

function verifier() {
  const time = testTime();
  return { time, tokens: createTokenVerifier({ ownerToken: "owner", tenant: "local", now: time.now }) };
}

describe("createTokenVerifier", () => {
  it("knows the owner by the whole token", () => {
    const { tokens } = verifier();
    expect(tokens.verify("owner")).toEqual({ subject: "person:owner", tenant: "local", scopes: new Set(SCOPES) });
    for (const wrong of ["", "owne", "owner ", "Owner", "ownerowner"]) expect(tokens.verify(wrong)).toBeUndefined();
  });

  it("[R3] makes tickets of at least 128 bits that nobody repeats", () => {
    const { tokens } = verifier();
    const tickets = Array.from({ length: 200 }, () => tokens.issueTicket().ticket);
    expect(new Set(tickets).size).toBe(200);
    for (const ticket of tickets) expect(Buffer.from(ticket, "base64url").length).toBeGreaterThanOrEqual(16);
  });

  it("ends one session and no other", () => {
    const { tokens } = verifier();
    const [first, second] = [tokens.exchange(tokens.issueTicket().ticket).token, tokens.exchange(tokens.issueTicket().ticket).token];
    expect(tokens.end("owner")).toBe(false);
    expect(tokens.end(first)).toBe(true);
    expect(tokens.end(first)).toBe(false);
    expect(tokens.verify(first)).toBeUndefined();
    expect(tokens.verify(second)).toBeDefined();
    expect(tokens.verify("owner")).toBeDefined();
  });

  it("[R3] exchanges a ticket once, within two minutes, for a session of twelve hours", () => {
    const { tokens, time } = verifier();
    const { ticket, expiresAtMs } = tokens.issueTicket();
    expect(expiresAtMs - time.now()).toBe(120_000);
    expect(tokens.verify(ticket)).toBeUndefined();
    const { token } = tokens.exchange(ticket);
    expect(() => tokens.exchange(ticket)).toThrow(expect.objectContaining({ code: "UNAUTHORIZED" }));
    expect(tokens.verify(token)?.subject).toBe("person:owner");
    time.advance(12 * 3_600_000 - 1);
    expect(tokens.verify(token)).toBeDefined();
    time.advance(1);
    expect(tokens.verify(token)).toBeUndefined();

    const late = tokens.issueTicket().ticket;
    time.advance(120_000);
    expect(() => tokens.exchange(late)).toThrow(expect.objectContaining({ code: "UNAUTHORIZED" }));
    expect(() => tokens.exchange("never issued")).toThrow(expect.objectContaining({ code: "UNAUTHORIZED" }));
  });

  it("[R22] ends the old token, every session and every ticket when the owner's token is replaced", () => {
    const { tokens } = verifier();
    const { token } = tokens.exchange(tokens.issueTicket().ticket);
    const { ticket } = tokens.issueTicket();
    tokens.replaceOwnerToken("new");
    expect([tokens.verify("owner"), tokens.verify(token)]).toEqual([undefined, undefined]);
    expect(() => tokens.exchange(ticket)).toThrow(expect.objectContaining({ code: "UNAUTHORIZED" }));
    expect(tokens.verify("new")).toBeDefined();
  });

  it("keeps a bounded number of tickets and sessions, the newest", () => {
    const { tokens } = verifier();
    const first = tokens.issueTicket().ticket;
    const sessions = Array.from({ length: 300 }, () => tokens.exchange(tokens.issueTicket().ticket).token);
    for (let i = 0; i < 64; i += 1) tokens.issueTicket();
    expect(() => tokens.exchange(first)).toThrow(expect.objectContaining({ code: "UNAUTHORIZED" }));
    expect(sessions.filter((token) => tokens.verify(token) !== undefined)).toEqual(sessions.slice(-256));
  });

  it("[R23] tells tokens apart that begin alike", () => {
    const time = testTime();
    const start = "a".repeat(200);
    const tokens = createTokenVerifier({ ownerToken: `${start}1`, tenant: "local", now: time.now });
    expect(tokens.verify(`${start}1`)).toBeDefined();
    expect(tokens.verify(`${start}2`)).toBeUndefined();
  });
});
