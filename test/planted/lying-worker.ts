// A planted worker process: the real agents, except that kExecutor tells of one file more than there is. Its messages are in order and
// signed with its own key, so nothing but a second look at the result can find it out.

import { hostPlanted } from "./planted-host.ts";

await hostPlanted({
  "fs.scan": (real) => async (params, context) => {
    const output = (await real(params, context)) as { files_total: number };
    return { ...output, files_total: output.files_total + 1 };
  },
});
