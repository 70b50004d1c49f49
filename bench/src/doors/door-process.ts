// Starts a measured server as a process and ends it.

import { fork } from "node:child_process";
import { processorTimeOf } from "../harness/processor-time.ts";
import type { DoorAnswer, DoorOrder } from "./door-message.ts";

export interface DoorProcess extends AsyncDisposable {
  readonly port: number;
  /** Microseconds of processor time it has taken so far. */
  processorTime(): number;
  burst(frames: number): void;
}

export async function startDoor(name: "bare-server" | "gateway-server"): Promise<DoorProcess> {
  const child = fork(new URL(`./${name}.ts`, import.meta.url), [], { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (answer: DoorAnswer) => resolve(answer.port));
    child.once("close", (code) => reject(new Error(`${name} ended with code ${code}`)));
  });
  return {
    port,
    processorTime: () => processorTimeOf(child.pid ?? 0),
    burst(frames) {
      const order: DoorOrder = { kind: "burst", frames };
      child.send(order);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
