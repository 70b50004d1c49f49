// A planted worker process: the real one, but that opening a document called fatal kills it, as a fault of a parser might. It reads nothing but
// the bundle, for the process may read nothing else.

import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const { open } = fs;
const mortal: typeof open = (path, ...rest) => {
  if (String(path).includes("fatal")) process.kill(process.pid, "SIGKILL");
  return open(path, ...rest);
};
Object.assign(fs, { open: mortal });
syncBuiltinESMExports();
await import(new URL("../../dist/worker.js", import.meta.url).href);
