import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { context, core, draft, NOW_MS, verdict } from "./envelope.fixture.ts";
import { encodeEnvelope } from "./envelope.ts";
import { openEnvelope } from "./open.ts";
import { openFrame } from "./open-frame.ts";
import { createReplayWindow } from "./replay-window.ts";
import { sealBatch, sealEnvelope } from "./seal.ts";
import { createSession } from "./session.ts";

const id = "A".repeat(22);
const peer = "kCore:main";
const claim = (session: ReturnType<typeof createSession>, nonce: string, from = peer) => session.claim({ from, nonce, forgetAtMs: 0 });

test("counters of both ends rise by one and count apart", () => {
  const session = createSession({ id, peer });
  expect([session.nextNonce(), session.nextNonce()]).toEqual([`${id}.1`, `${id}.2`]);
  expect([claim(session, `${id}.1`), session.nextNonce()]).toEqual([true, `${id}.3`]);
});

test("[K31] [R54] exactly the counters above all earlier ones are accepted", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }), (counters) => {
      const session = createSession({ id, peer });
      let highest = 0;
      for (const counter of counters) {
        expect(claim(session, `${id}.${counter}`)).toBe(counter > highest);
        highest = Math.max(highest, counter);
      }
    }),
  );
});

test("[R54] counters of another session, of somebody else, or spelled otherwise are refused", () => {
  const session = createSession({ id, peer });
  for (const nonce of [
    `${"B".repeat(22)}.1`,
    `${id}.0`,
    `${id}.01`,
    `${id}.-1`,
    `${id}.1e3`,
    `${id}.`,
    `${id}.9999999999999999`,
    `${id}.1.1`,
    id,
  ]) {
    expect(claim(session, nonce)).toBe(false);
  }
  expect(claim(session, `${id}.1`, "kCore:other")).toBe(false);
  expect(claim(session, `${id}.1`)).toBe(true);
});

test("[R54] a message of one session is refused in the next one between the same two, also where others are let in", () => {
  const others = createReplayWindow({ now: () => NOW_MS });
  const first = createSession({ id, peer });
  const second = createSession({ id: "B".repeat(22), peer, others });
  const bytes = encodeEnvelope(sealEnvelope(draft, core, { now: NOW_MS, nonce: first.nextNonce }));
  expect(verdict(() => openEnvelope(bytes, context({ replay: second })))).toBe("REPLAYED");
  expect(verdict(() => openEnvelope(bytes, context({ replay: createSession({ id, peer }) })))).toBe("accepted");
});

test("random nonces are refused where only the peer speaks, and go to the other guard where there is one", () => {
  const bytes = encodeEnvelope(sealEnvelope(draft, core, { now: NOW_MS }));
  expect(verdict(() => openEnvelope(bytes, context({ replay: createSession({ id, peer }) })))).toBe("REPLAYED");
  const replay = createSession({ id, peer, others: createReplayWindow({ now: () => NOW_MS }) });
  expect(verdict(() => openEnvelope(bytes, context({ replay })))).toBe("accepted");
  expect(verdict(() => openEnvelope(bytes, context({ replay })))).toBe("REPLAYED");
});

test("frames run on counters too, and a frame sent twice is refused whole", () => {
  const sender = createSession({ id, peer: "kExecutor:web" });
  const given = context({ replay: createSession({ id, peer }) });
  const frames = [3, 2].map(
    (count) => sealBatch(new Array<typeof draft>(count).fill(draft), core, { now: NOW_MS, nonce: sender.nextNonce }).frame,
  );
  const accepted = (frame: Uint8Array) => openFrame(frame, given).filter(({ ok }) => ok).length;
  expect(frames.map(accepted)).toEqual([3, 2]);
  expect(frames.map(accepted)).toEqual([0, 0]);
});

describe("the id of a session", () => {
  test.each(["", "short", `${id}=`, `${id}A`, `${id.slice(1)}+`])("%j is refused", (other) => {
    expect(() => createSession({ id: other, peer })).toThrow(RangeError);
  });
});
