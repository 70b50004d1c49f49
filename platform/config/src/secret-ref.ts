// A reference to a secret in the vault. It holds the id, never the secret, and prints neither.

import { inspect } from "node:util";

const PATTERN = /^vault:([A-Za-z0-9][A-Za-z0-9._/-]{0,127})$/;

/** JSON Schema pattern of a secret in a configuration file. */
export const SECRET_PATTERN = PATTERN.source;

/** `vault:<id>`, resolved by the vault where the secret is used and nowhere else. */
export class SecretRef {
  readonly #id: string;

  constructor(text: string) {
    const id = PATTERN.exec(text)?.[1];
    if (id === undefined) throw new TypeError("A secret is written vault:<id>.");
    this.#id = id;
  }

  /** The id to ask the vault for. */
  get id(): string {
    return this.#id;
  }

  toString(): string {
    return "[redacted]";
  }

  toJSON(): string {
    return "[redacted]";
  }

  [inspect.custom](): string {
    return "[redacted]";
  }
}
