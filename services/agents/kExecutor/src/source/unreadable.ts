// Why something that came from outside could not be read: a closed set, so that a plan over many files can name each and go on.

import { isKosError, KosError } from "@kos/klp";

/**
 * `unsupported`: of another kind than the capability reads. `broken`: not as its format demands. `bomb`: it would unpack to far more than it is.
 * `unsafe`: it holds what no honest file of its kind holds (entities of its own, overlapping entries). `pixel_flood`: an image of absurd size.
 */
export const UNREADABLE = [
  "empty",
  "encrypted",
  "broken",
  "unsupported",
  "too_large",
  "bomb",
  "unsafe",
  "pixel_flood",
  "unreachable",
] as const;
export type Unreadable = (typeof UNREADABLE)[number];

const TOO_MUCH: ReadonlySet<Unreadable> = new Set(["too_large", "bomb", "pixel_flood"]);

/** TOO_LARGE for what is too much, else BAD_REQUEST; `details.reason` says which. `at` is the JSON pointer of the param that named the source. */
export function unreadable(
  reason: Unreadable,
  at: string,
  message: string,
  hint: string,
  more: { readonly details?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
): KosError {
  return new KosError(TOO_MUCH.has(reason) ? "TOO_LARGE" : "BAD_REQUEST", `${message} ${hint}`, {
    details: { at, reason, hint, ...more.details },
    cause: more.cause,
    retryable: false,
  });
}

/**
 * Runs a parser over hostile bytes. Whatever it throws that is no error of ours becomes one: `too_large` where a limit of the runtime was hit
 * (depth of the stack, length of a string or buffer), else `broken`. `what` names the thing in a sentence: "The PDF".
 */
export async function parsing<Value>(what: string, at: string, parse: () => Promise<Value> | Value): Promise<Value> {
  try {
    return await parse();
  } catch (error) {
    if (isKosError(error)) throw error;
    // Not the library's own checks of a position: those have a code, and mean damage.
    if (error instanceof RangeError && !("code" in error)) {
      throw unreadable("too_large", at, `${what} is nested too deeply or unpacks to too much.`, "Simplify it, or leave it out.", {
        cause: error,
      });
    }
    throw unreadable(
      "broken",
      at,
      `${what} is damaged: it is not as its format demands.`,
      "Open it in its own program and save it again.",
      {
        cause: error,
      },
    );
  }
}
