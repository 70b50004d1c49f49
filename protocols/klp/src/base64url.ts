/** Strict base64url (RFC 4648 section 5): no padding, no other characters, unused trailing bits zero. One byte string has one text. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES = new Int16Array(128).fill(-1);
for (let index = 0; index < 64; index++) VALUES[ALPHABET.charCodeAt(index)] = index;

export function encodeBase64Url(bytes: Uint8Array): string {
  let text = "";
  let index = 0;
  for (; index + 2 < bytes.length; index += 3) {
    const group = ((bytes[index] as number) << 16) | ((bytes[index + 1] as number) << 8) | (bytes[index + 2] as number);
    text += digit(group >> 18) + digit(group >> 12) + digit(group >> 6) + digit(group);
  }
  if (bytes.length - index === 1) {
    const group = (bytes[index] as number) << 4;
    text += digit(group >> 6) + digit(group);
  } else if (bytes.length - index === 2) {
    const group = ((bytes[index] as number) << 10) | ((bytes[index + 1] as number) << 2);
    text += digit(group >> 12) + digit(group >> 6) + digit(group);
  }
  return text;
}

/** The bytes, or undefined when the text is not the one canonical encoding of them. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  const rest = text.length % 4;
  if (rest === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let place = 0;
  for (let index = 0; index < text.length; index++) {
    const value = VALUES[text.charCodeAt(index)] ?? -1;
    if (value < 0) return undefined;
    held = (held << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[place++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  return held === 0 ? bytes : undefined;
}

function digit(value: number): string {
  return ALPHABET[value & 63] as string;
}
