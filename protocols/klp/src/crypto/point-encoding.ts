/**
 * Which 32-byte strings may stand for a public key or for the R of a signature. Checked on the bytes alone, so that every platform refuses the
 * same ones; whether a string lies on the curve at all is left to the curve arithmetic.
 */

/** y coordinates (little-endian hex) of the eight points of small order; the sign bit of x is ignored. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

/** Last bytes that a small-order y can have; lets almost every point pass after one comparison. */
const SMALL_ORDER_TOP = [0x00, 0x7f, 0x05, 0x7a] as const;

/** The group order L = 2^252 + 27742317777372353535851937790883648493, little-endian. */
const GROUP_ORDER = [
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0x10,
] as const;

/** Whether the 32 bytes at `offset` are a canonical encoding (y < 2^255 - 19) of a point that is not of small order. */
export function isSoundPoint(bytes: Uint8Array, offset = 0): boolean {
  const top = (bytes[offset + 31] as number) & 0x7f;
  if (!SMALL_ORDER_TOP.some((candidate) => candidate === top)) return true;
  if (top === 0x7f && isAtLeastFieldPrime(bytes, offset)) return false;
  let hex = "";
  for (let index = 0; index < 31; index++) hex += hexByte(bytes[offset + index] as number);
  return !SMALL_ORDER_Y.has(hex + hexByte(top));
}

/** Whether the scalar in the 32 bytes at `offset` is below the group order, so that a signature has one encoding only. */
export function isCanonicalScalar(bytes: Uint8Array, offset = 0): boolean {
  for (let index = 31; index >= 0; index--) {
    const byte = bytes[offset + index] as number;
    const limit = GROUP_ORDER[index] as number;
    if (byte !== limit) return byte < limit;
  }
  return false;
}

/** y >= 2^255 - 19, given that the top seven bits are all ones. */
function isAtLeastFieldPrime(bytes: Uint8Array, offset: number): boolean {
  for (let index = 30; index > 0; index--) if (bytes[offset + index] !== 0xff) return false;
  return (bytes[offset] as number) >= 0xed;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
