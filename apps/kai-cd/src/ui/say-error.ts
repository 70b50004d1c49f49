// An error in a sentence or two: what is wrong, and what to do where the node did not say it already.

import { ERROR_TABLE, isErrorCode, isKosError } from "@kos/klp";

export function sayError(error: unknown): string {
  if (!isKosError(error)) return `Something went wrong in this page: ${error instanceof Error ? error.message : String(error)}`;
  const { code, message } = error;
  const advice = isErrorCode(code) ? ERROR_TABLE[code].advice : "";
  return message.includes(advice) ? message : `${message} ${advice}`;
}
