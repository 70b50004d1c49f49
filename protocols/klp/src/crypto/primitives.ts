/** The cryptographic primitives this package stands on, as an interface that the Node and the browser file both fulfil. All are synchronous. */

/** Signs with a private key that it holds and never shows. */
export interface Signer {
  /** Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Ed25519 signature (RFC 8032, deterministic), 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

export interface Primitives {
  /** SHA-256, 32 bytes; a text is hashed as UTF-8. */
  sha256(data: Uint8Array | string): Uint8Array;
  /** SHA-256 as 64 lower-case hex digits; faster than `sha256` where only the text is wanted. */
  sha256Hex(data: Uint8Array | string): string;
  /** HMAC-SHA-256, 32 bytes. */
  hmacSha256(key: Uint8Array, data: Uint8Array | string): Uint8Array;
  /** Fresh bytes of the platform's secure generator. */
  randomBytes(length: number): Uint8Array;
  /** A signer from a 32-byte private seed (RFC 8032). Throws RangeError for any other length. */
  createSigner(seed: Uint8Array): Signer;
  /**
   * Strict Ed25519 verification without the cofactor: false for a wrong length, an S not below the group order, a public key or R of small order or
   * not in canonical encoding, and for anything that is not bytes. Never throws.
   */
  verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}
