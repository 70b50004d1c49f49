// Ctrl-C between the moment work is handed over and the moment somebody follows it: kept, so that it is not taken for "leave".

import type { Machine } from "../terminal/machine.ts";

export interface Interrupts extends Disposable {
  /** Every Ctrl-C from now on, and one that came before. Returns the way to stop. */
  listen(listener: () => void): () => void;
}

/**
 * Keeps the first Ctrl-C for whoever listens later. A second one before that finds no listener and ends the process, as people expect;
 * what was handed over goes on in the node.
 */
export function keepInterrupts(machine: Pick<Machine, "onInterrupt">): Interrupts {
  let isKept = false;
  let stop = machine.onInterrupt(() => {
    isKept = true;
    stop();
  });
  return {
    listen(listener) {
      stop();
      stop = machine.onInterrupt(listener);
      if (isKept) listener();
      isKept = false;
      return () => stop();
    },
    [Symbol.dispose]: () => stop(),
  };
}
