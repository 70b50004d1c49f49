// Calls a capability as a host does: params and output travel as JSON and are checked against the schemas. For tests only.

import type { Capability, CapabilityContext } from "@kos/agent";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";

export async function call<Input, Output>(
  capability: Capability<Input, Output>,
  params: Input,
  context: CapabilityContext,
): Promise<Output> {
  const { name, input, output } = capability.description;
  const result = await capability.run(checked(`${name} input`, input, params), context);
  return checked(`${name} output`, output, result);
}

function checked<Value>(what: string, schema: TSchema, value: Value): Value {
  const copy: Value = JSON.parse(JSON.stringify(value));
  const validator = Compile({ ...schema });
  if (!validator.Check(copy)) throw new Error(`${what} does not fit its schema: ${JSON.stringify(validator.Errors(copy)).slice(0, 1000)}`);
  return copy;
}
