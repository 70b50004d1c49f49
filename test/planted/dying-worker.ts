// A planted worker process that dies of every `artifact.get` while a file `poison` lies in its data folder.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { hostPlanted } from "./planted-host.ts";

await hostPlanted({
  "artifact.get": (real) => (params, context) => {
    if (existsSync(join(process.cwd(), "poison"))) process.kill(process.pid, "SIGKILL");
    return real(params, context);
  },
});
