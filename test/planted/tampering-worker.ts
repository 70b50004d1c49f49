// A planted process that stands between the node and a real worker and changes what passes, as `tamper.json` of the data folder says:
// `flip`: one bit of the first result; `replay`: the first result is sent once more, later, to another link.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.cwd();
const { worker } = JSON.parse(readFileSync(join(folder, "planted.json"), "utf8")) as { worker: string };
const { mode } = JSON.parse(readFileSync(join(folder, "tamper.json"), "utf8")) as { mode: "flip" | "replay" };
const recorded = join(folder, "recorded.bin");
const done = join(folder, "tampered");

const real = spawn(process.execPath, [worker], { stdio: ["pipe", "pipe", "inherit"], cwd: folder, env: process.env });
process.stdin.pipe(real.stdin);
real.stdin.on("error", () => undefined);
real.once("exit", (code) => process.exit(code ?? 1));
real.stdout.on("data", (bytes: Buffer) => process.stdout.write(changed(bytes)));

function changed(bytes: Buffer): Buffer {
  const at = bytes.indexOf("TASK_RESULT");
  if (at < 0) return bytes;
  if (mode === "flip") {
    if (existsSync(done)) return bytes;
    writeFileSync(done, "");
    const flipped = Buffer.from(bytes);
    // A letter inside a text: what arrives is still JSON in its canonical form, and only the signature tells.
    const place = bytes.indexOf(".json") + 1;
    flipped[place] = (flipped[place] ?? 0) ^ 0x01;
    return flipped;
  }
  if (!existsSync(recorded)) {
    writeFileSync(recorded, bytes);
    return bytes;
  }
  if (existsSync(done)) return bytes;
  writeFileSync(done, "");
  return Buffer.concat([readFileSync(recorded), bytes]);
}
