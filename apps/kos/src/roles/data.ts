// Process role: reads one data set, or answers one query, for kExecutor:data, and ends. It is given open descriptors and opens nothing itself.

import { runDataProcess } from "@kos/kexecutor/data-process";

await runDataProcess(new URL(import.meta.url));
