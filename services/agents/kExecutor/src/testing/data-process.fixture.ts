// The program that reads data, as tests start it: from its sources.

import { runDataProcess } from "../data/process/data-process.ts";

await runDataProcess(new URL(import.meta.url));
