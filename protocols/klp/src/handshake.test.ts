import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agent, context, core, executor, lookup, NOW_MS, node, stranger } from "./envelope.fixture.ts";
import { encodeEnvelope } from "./envelope.ts";
import {
  awaitHandshake,
  type HandshakeConfig,
  type HandshakeState,
  type HandshakeStep,
  openHandshake,
  stepHandshake,
} from "./handshake.ts";
import type { HandshakeMessage } from "./handshake-message.ts";
import type { Identity } from "./identity.ts";
import type { KeyRecord, OpenContext } from "./open.ts";
import { openEnvelope } from "./open.ts";
import { sealEnvelope } from "./seal.ts";
import { createSession } from "./session.ts";

const everybody = [core, executor, node, agent("kReviewer:a", 8)];
const known = lookup(Object.fromEntries(everybody.map(({ did, id }) => [did, { status: "active", id }])) as Record<string, KeyRecord>);
let drawn = 0;

function config(identity: Identity, changes: Partial<HandshakeConfig> = {}): HandshakeConfig {
  const challenge = new Uint8Array(32);
  new DataView(challenge.buffer).setUint32(0, ++drawn);
  return { identity, challenge, lookupKey: known, ...changes };
}

/** Both sides, everything delivered in order; `change` stands between them. */
function run(
  opener: HandshakeConfig,
  waiter: HandshakeConfig,
  change: (message: HandshakeMessage) => unknown = (message) => message,
): { opener: HandshakeStep; waiter: HandshakeStep } {
  let left = openHandshake(opener);
  let right = awaitHandshake(waiter);
  for (let turn = 0; turn < 4; turn++) {
    for (const message of left.send) right = stepHandshake(right.state, change(message));
    left = { ...left, send: [] };
    for (const message of right.send) left = stepHandshake(left.state, change(message));
    right = { ...right, send: [] };
  }
  return { opener: left, waiter: right };
}

const result = (state: HandshakeState) => (state.phase === "done" ? state.result : undefined);
const failure = (state: HandshakeState) => (state.phase === "failed" ? state.error.code : state.phase);

test("two sides that know each other end with the same session and each other's key", () => {
  const { opener, waiter } = run(config(core), config(executor));
  expect(result(opener.state)).toMatchObject({ version: "klp/1.0", peer: "kExecutor:web", peerKey: executor.did });
  expect(result(waiter.state)).toMatchObject({ version: "klp/1.0", peer: "kCore:main", peerKey: core.did });
  expect(result(opener.state)?.session).toBe(result(waiter.state)?.session);
});

test("every handshake leads to another session, whose counters the envelopes then use", () => {
  const first = result(run(config(core), config(executor)).opener.state);
  const second = result(run(config(core), config(executor)).opener.state);
  expect(first?.session).not.toBe(second?.session);
  const session = createSession({ id: first?.session ?? "", peer: "kCore:main" });
  const envelope = sealEnvelope({ type: "PING", to: "kExecutor:web", payload: {} }, core, { now: NOW_MS, nonce: session.nextNonce });
  expect(openEnvelope(encodeEnvelope(envelope), context({ replay: session }))).toEqual(envelope);
});

test("a node may speak for itself", () => {
  const { opener, waiter } = run(config(node), config(executor, { expect: { id: node.did } }));
  expect([result(opener.state)?.peer, result(waiter.state)?.peer]).toEqual(["kExecutor:web", node.did]);
});

test("[K34] a step changes no state and gives the same answer each time", () => {
  const opened = openHandshake(config(core));
  const waiting = awaitHandshake(config(executor));
  const before = JSON.stringify(waiting.state);
  const [first, second] = [0, 1].map(() => stepHandshake(waiting.state, opened.send[0]));
  expect(first).toEqual(second);
  expect(JSON.stringify(waiting.state)).toBe(before);
});

describe("[K33] who is let in", () => {
  const revoked: OpenContext["lookupKey"] = () => ({ status: "revoked" });
  const elsewhere: OpenContext["lookupKey"] = () => ({ status: "active", id: "kPersona:x" });
  const cases: readonly (readonly [name: string, opener: HandshakeConfig, waiter: HandshakeConfig, opened: string, waited: string])[] = [
    ["an unknown opener", config(stranger), config(executor), "hello sent", "IDENTITY_UNKNOWN"],
    ["an unknown waiter", config(core), config(stranger), "IDENTITY_UNKNOWN", "challenged"],
    ["a revoked opener", config(core), config(executor, { lookupKey: revoked }), "hello sent", "IDENTITY_REVOKED"],
    ["a revoked waiter", config(core, { lookupKey: revoked }), config(executor), "IDENTITY_REVOKED", "challenged"],
    ["an opener under another id", config(core), config(executor, { lookupKey: elsewhere }), "hello sent", "IDENTITY_MISMATCH"],
    [
      "a waiter that is not the one called",
      config(core, { expect: { id: "kExecutor:other" } }),
      config(executor),
      "IDENTITY_MISMATCH",
      "challenged",
    ],
    ["a waiter of another role", config(core, { expect: { class: "kReviewer" } }), config(executor), "IDENTITY_MISMATCH", "challenged"],
    ["an opener of another role", config(executor), config(core, { expect: { class: "kReviewer" } }), "hello sent", "IDENTITY_MISMATCH"],
    [
      "a node where an agent is expected",
      config(node),
      config(executor, { expect: { class: "kCore" } }),
      "hello sent",
      "IDENTITY_MISMATCH",
    ],
    ["oneself", config(core), config(core), "hello sent", "IDENTITY_MISMATCH"],
  ];

  test.each(cases)("[R56] [R57] %s is refused", (_, opener, waiter, opened, waited) => {
    const ends = run(opener, waiter);
    expect([failure(ends.opener.state), failure(ends.waiter.state)]).toEqual([opened, waited]);
  });

  test("the expected id and role let the right one in", () => {
    const ends = run(
      config(core, { expect: { id: "kExecutor:web", class: "kExecutor" } }),
      config(executor, { expect: { class: "kCore" } }),
    );
    expect([ends.opener.state.phase, ends.waiter.state.phase]).toEqual(["done", "done"]);
  });
});

describe("what is said", () => {
  const changed = (type: HandshakeMessage["type"], changes: object) => {
    const ends = run(config(core), config(executor), (message) => (message.type === type ? { ...message, ...changes } : message));
    return [failure(ends.opener.state), failure(ends.waiter.state)];
  };

  test("a version that is not spoken is refused by either side", () => {
    expect(changed("HELLO", { versions: ["klp/2.0", "klp/0.9"] })).toEqual(["hello sent", "VERSION_UNSUPPORTED"]);
    expect(changed("CHALLENGE", { version: "klp/2.0" })).toEqual(["VERSION_UNSUPPORTED", "challenged"]);
  });

  test("versions cannot be struck from a HELLO on the way", () => {
    const hello = openHandshake(config(core)).send[0] as HandshakeMessage & { type: "HELLO" };
    expect(changed("HELLO", { versions: [...hello.versions, "klp/0.1"] })).toEqual(["SIGNATURE_INVALID", "challenged"]);
  });

  test("a challenge, a proof or a welcome changed on the way is refused", () => {
    const challenge = "A".repeat(43);
    expect(changed("HELLO", { challenge })).toEqual(["SIGNATURE_INVALID", "challenged"]);
    expect(changed("CHALLENGE", { challenge })).toEqual(["SIGNATURE_INVALID", "challenged"]);
    expect(changed("PROOF", { signature: "ed25519:x" })).toEqual(["proof sent", "SIGNATURE_INVALID"]);
    expect(changed("WELCOME", { session: "A".repeat(22) })).toEqual(["SIGNATURE_INVALID", "done"]);
    expect(changed("WELCOME", { signature: "" })).toEqual(["SIGNATURE_INVALID", "done"]);
  });

  test("the challenge of the other side sent back to it is a replay", () => {
    const opened = openHandshake(config(core));
    const [hello] = opened.send as [HandshakeMessage & { type: "HELLO" }];
    const reflected = {
      type: "CHALLENGE",
      version: "klp/1.0",
      id: executor.id,
      key: executor.did,
      challenge: hello.challenge,
      signature: "x",
    };
    expect(failure(stepHandshake(opened.state, reflected).state)).toBe("REPLAYED");
  });

  test("[R54] messages recorded from one handshake do not serve in another", () => {
    const recorded: HandshakeMessage[] = [];
    run(config(core), config(executor), (message) => {
      recorded.push(message);
      return message;
    });
    const [hello, , proof, welcome] = recorded;
    const waiting = stepHandshake(awaitHandshake(config(executor)).state, hello);
    expect(waiting.state.phase).toBe("challenged");
    expect(failure(stepHandshake(waiting.state, proof).state)).toBe("SIGNATURE_INVALID");
    const opened = openHandshake(config(core));
    const answered = stepHandshake(awaitHandshake(config(executor)).state, opened.send[0]);
    const proven = stepHandshake(opened.state, answered.send[0]);
    expect(failure(stepHandshake(proven.state, welcome).state)).toBe("SIGNATURE_INVALID");
  });

  test("messages out of order are refused, repeated ones as replays, and a failed handshake stays failed", () => {
    const recorded: HandshakeMessage[] = [];
    run(config(core), config(executor), (message) => {
      recorded.push(message);
      return message;
    });
    const [hello, challenge, proof, welcome] = recorded;
    const waiting = awaitHandshake(config(executor)).state;
    for (const message of [challenge, proof, welcome]) expect(failure(stepHandshake(waiting, message).state)).toBe("BAD_ENVELOPE");
    const challenged = stepHandshake(waiting, hello).state;
    expect([failure(stepHandshake(challenged, hello).state), failure(stepHandshake(challenged, welcome).state)]).toEqual([
      "REPLAYED",
      "BAD_ENVELOPE",
    ]);
    const failed = stepHandshake(challenged, null);
    expect(failed.error?.code).toBe("BAD_ENVELOPE");
    expect(stepHandshake(failed.state, proof)).toMatchObject({ send: [], state: { phase: "failed" }, error: { code: "BAD_ENVELOPE" } });
  });

  test("[K34] a message after the end is refused and the session stands", () => {
    const { opener, waiter } = run(config(core), config(executor));
    for (const { state } of [opener, waiter]) {
      const after = stepHandshake(state, { type: "PROOF", signature: "x" });
      expect(after.error?.code).toBe("REPLAYED");
      expect(after.state).toBe(state);
      expect(after.done).toBeUndefined();
    }
  });

  test("anything that is no handshake message is refused with a code", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ type: fc.constantFrom("HELLO", "CHALLENGE", "PROOF", "WELCOME") })), (message) => {
        const step = stepHandshake(awaitHandshake(config(executor)).state, message);
        expect(step.error?.code).toBe("BAD_ENVELOPE");
      }),
    );
  });

  test("a challenge has 32 bytes on both sides", () => {
    expect(() => openHandshake(config(core, { challenge: new Uint8Array(31) }))).toThrow(RangeError);
    expect(() => awaitHandshake(config(core, { challenge: new Uint8Array(33) }))).toThrow(RangeError);
  });
});

describe("an attacker who holds the wire", () => {
  interface End {
    readonly identity: Identity;
    readonly opens: boolean;
    state: HandshakeState;
    readonly sent: HandshakeMessage[];
  }

  /** Mostly a pair is helped along; else anything goes anywhere, twice, late, or with a member of another message, tried on everybody. */
  const helped = fc.record({ pair: fc.nat() });
  const wild = fc.record({
    to: fc.nat(),
    from: fc.nat(),
    tamper: fc.option(fc.record({ field: fc.nat(), from: fc.nat() }), { nil: undefined }),
  });
  const actions = fc.array(fc.oneof({ weight: 3, arbitrary: helped }, { weight: 1, arbitrary: wild }), { minLength: 5, maxLength: 60 });

  test("[K32] [R53] [R54] whoever is done agrees with a peer that took part in the same session, once", () => {
    let completed = 0;
    fc.assert(
      fc.property(actions, (list) => {
        const openers = [core, core, executor, node].map((identity) => start(identity, openHandshake(config(identity)), true));
        const waiters = [executor, executor, core, core].map((identity) => start(identity, awaitHandshake(config(identity)), false));
        const ends = [...openers, ...waiters];
        const deliver = (end: End, message: unknown) => {
          const step = stepHandshake(end.state, message);
          // A refused message would end that handshake; the attacker gets another try instead.
          if (step.error !== undefined) return;
          end.state = step.state;
          end.sent.push(...step.send);
        };
        for (const action of list) {
          const wire = ends.flatMap(({ sent }) => sent);
          if ("pair" in action) {
            const opener = openers[action.pair % openers.length] as End;
            const waiter = waiters[action.pair % waiters.length] as End;
            const [to, from] = opener.sent.length > waiter.sent.length ? [waiter, opener] : [opener, waiter];
            deliver(to, from.sent.at(-1));
          } else {
            const message = wire[action.from % wire.length] as HandshakeMessage;
            const { tamper } = action;
            const tried = tamper === undefined ? message : mix(message, wire[tamper.from % wire.length] as HandshakeMessage, tamper.field);
            for (const end of ends) deliver(end, tried);
          }
        }
        for (const end of ends) {
          const reached = result(end.state);
          if (reached === undefined) continue;
          completed++;
          const same = ends.filter((other) => other !== end && result(other.state)?.session === reached.session);
          expect(same.map((other) => [other.opens, other.identity.id, result(other.state)?.peer])).toEqual(
            same.length === 0 ? [] : [[!end.opens, reached.peer, end.identity.id]],
          );
          // The opener ends last, so its peer must have ended before, in agreement; a waiter's peer has at least proved itself.
          if (end.opens) expect(same).toHaveLength(1);
          else expect(openers.some((other) => other.identity.id === reached.peer && other.sent.length === 2)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
    expect(completed).toBeGreaterThan(300);
  });

  function start(identity: Identity, step: HandshakeStep, opens: boolean): End {
    return { identity, opens, state: step.state, sent: [...step.send] };
  }
});

/** One message with one member of another. */
function mix(message: HandshakeMessage, other: HandshakeMessage, field: number): unknown {
  const names = Object.keys(message);
  const name = names[field % names.length] as string;
  return { ...message, [name]: (other as unknown as Record<string, unknown>)[name] ?? "A".repeat(43) };
}
