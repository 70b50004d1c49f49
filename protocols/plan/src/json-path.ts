// Where something stands inside a JSON document, written as people read it: `$.tasks[3].params["a b"]` (RFC 9535, normal steps only).

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** The document itself. */
export const ROOT_PATH = "$";

/** One step further: a member name or an array position. */
export function childPath(parent: string, step: string | number): string {
  if (typeof step === "number") return `${parent}[${step}]`;
  return PLAIN_NAME.test(step) ? `${parent}.${step}` : `${parent}[${JSON.stringify(step)}]`;
}

/** A path written out from its steps. */
export function jsonPath(steps: readonly (string | number)[], root: string = ROOT_PATH): string {
  return steps.reduce<string>(childPath, root);
}
