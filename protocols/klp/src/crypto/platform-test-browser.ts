/** Outside Node there is no platform cryptography to distrust: the primitives come from this package's own libraries. */

/** Only the generator of random bytes is the platform's. */
export function platformProblems(): string[] {
  return typeof globalThis.crypto?.getRandomValues === "function" ? [] : ["there is no secure generator of random bytes"];
}
