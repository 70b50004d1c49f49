// JSON that came from outside, body or frame alike: strict I-JSON, bounded in depth, and no name that could reach a prototype.

import { KosError, parseStrict } from "@kos/klp";

const MAX_DEPTH = 64;
/** The name itself, or an escape that might spell it. */
const SUSPECT = /__proto__|\\u/;

/** Errors: BAD_REQUEST with line, column and path. */
export function parseJson(bytes: Uint8Array): unknown {
  const value = parseStrict(bytes, { maxDepth: MAX_DEPTH, code: "BAD_REQUEST" });
  if (SUSPECT.test(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"))) refuseProto(value, "");
  return value;
}

function refuseProto(value: unknown, path: string): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === "__proto__") {
      throw new KosError("BAD_REQUEST", `The name __proto__ is not taken, at ${path === "" ? "/" : path}. Leave it out.`, {
        details: { path },
      });
    }
    refuseProto(member, `${path}/${name}`);
  }
}
