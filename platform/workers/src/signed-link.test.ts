import { type AgentId, createIdentity, type KosError, type UnsignedEnvelope } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { createSignedLink, type SignedLink } from "./signed-link.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const engine = createIdentity("kCore:main" as AgentId, new Uint8Array(32).fill(1));
const agent = createIdentity("kExecutor:files" as AgentId, new Uint8Array(32).fill(2));
const stranger = createIdentity("kExecutor:files" as AgentId, new Uint8Array(32).fill(3));

interface End {
  link: SignedLink;
  readonly got: UnsignedEnvelope[];
  readonly hashes: string[];
  broken: KosError | undefined;
  proved: number;
}

/** Two ends joined by queues that a test pumps; `change` stands for whatever may happen to bytes on the way to the agent. */
function joinedEnds(options: { childIdentity?: typeof agent; change?: (bytes: Uint8Array, frame: number) => Uint8Array } = {}) {
  const wires: { to: () => End; bytes: Uint8Array }[] = [];
  const deferred: (() => void)[] = [];
  let framesToAgent = 0;
  const end = (identity: typeof agent, peer: typeof agent, opens: boolean, other: () => End): End => {
    const made: End = { got: [], hashes: [], broken: undefined, proved: 0, link: undefined as unknown as SignedLink };
    made.link = createSignedLink({
      identity,
      peer: { id: peer.id, key: peer.did },
      opens,
      now: () => NOW,
      defer: (run) => deferred.push(run),
      write: (bytes) => wires.push({ to: other, bytes: opens && options.change ? options.change(bytes, framesToAgent++) : bytes }),
      onProved() {
        made.proved++;
      },
      onEnvelope(envelope, hash) {
        made.got.push(envelope);
        made.hashes.push(hash);
      },
      onBroken(error) {
        made.broken = error;
      },
    });
    return made;
  };
  const child: End = end(options.childIdentity ?? agent, engine, false, () => node);
  const node: End = end(engine, agent, true, () => child);
  const pump = () => {
    while (wires.length > 0 || deferred.length > 0) {
      const wire = wires.shift();
      if (wire) wire.to().link.receive(wire.bytes);
      else deferred.shift()?.();
    }
  };
  return { node, child, pump };
}

describe("a signed link", () => {
  it("[W7] says once that the other side is proved, before anything else is sent", () => {
    const { node, child, pump } = joinedEnds();
    expect([node.proved, child.proved]).toEqual([0, 0]);
    pump();
    expect([node.proved, child.proved]).toEqual([1, 1]);
    expect(node.got).toEqual([]);
  });

  it("[W2] delivers what was sent before and after the handshake, in order, to the other side only", () => {
    const { node, child, pump } = joinedEnds();
    node.link.send({ type: "PING", to: agent.id, payload: { n: 1 } });
    pump();
    node.link.send({ type: "PING", to: agent.id, payload: { n: 2 } });
    child.link.send({ type: "PONG", to: engine.id, payload: {} });
    pump();
    expect(child.got.map((envelope) => envelope.payload)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(node.got.map((envelope) => envelope.type)).toEqual(["PONG"]);
    expect(child.hashes.every((hash) => /^sha256:[0-9a-f]{64}$/.test(hash))).toBe(true);
    expect(node.broken ?? child.broken).toBeUndefined();
  });

  it("[W6] puts the messages of one turn under one signature, at most 64 a frame", () => {
    const sizes: number[] = [];
    const { node, child, pump } = joinedEnds({
      change(bytes) {
        const frame = JSON.parse(new TextDecoder().decode(bytes.subarray(4))) as { envelopes?: unknown[] };
        if (frame.envelopes) sizes.push(frame.envelopes.length);
        return bytes;
      },
    });
    pump();
    for (let n = 0; n < 130; n++) node.link.send({ type: "PING", to: agent.id, payload: { n } });
    pump();
    expect(sizes).toEqual([64, 64, 2]);
    expect(child.got).toHaveLength(130);
  });

  it("[W3] [R52] refuses a message in which one byte was flipped on the way, with SIGNATURE_INVALID, and ends", () => {
    const { node, child, pump } = joinedEnds({
      change(bytes, frame) {
        if (frame < 2) return bytes; // HELLO and PROOF
        const text = new TextDecoder().decode(bytes);
        const at = text.indexOf("precious");
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        return changed;
      },
    });
    node.link.send({ type: "PING", to: agent.id, payload: { word: "precious" } });
    pump();
    expect(child.broken?.code).toBe("SIGNATURE_INVALID");
    expect(child.got).toEqual([]);
    node.link.send({ type: "PING", to: agent.id, payload: {} });
    pump();
    expect(child.got).toEqual([]);
  });

  it("[W3] [R54] refuses a frame that comes a second time", () => {
    let last: Uint8Array = new Uint8Array();
    const { node, child, pump } = joinedEnds({
      change(bytes) {
        last = bytes;
        return bytes;
      },
    });
    node.link.send({ type: "PING", to: agent.id, payload: {} });
    pump();
    child.link.receive(last);
    expect(child.got).toHaveLength(1);
    expect(child.broken?.code).toBe("REPLAYED");
  });

  it("[W2] [R57] never opens to a process that holds another key than the agent's", () => {
    const { node, child, pump } = joinedEnds({ childIdentity: stranger });
    node.link.send({ type: "PING", to: agent.id, payload: { secret: true } });
    pump();
    expect(node.broken?.code).toBe("IDENTITY_UNKNOWN");
    expect(child.got).toEqual([]);
  });
});
