// The KosError that an action ends with; anything else fails the test.

import { isKosError, type KosError } from "@kos/klp";

export async function failureOf(work: Promise<unknown>): Promise<KosError> {
  try {
    await work;
  } catch (error) {
    if (isKosError(error)) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
