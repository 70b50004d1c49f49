// Every command of kai. A new one is a line here.

import type { Command } from "./command.ts";
import { ps } from "./commands/ps.ts";
import { run } from "./commands/run.ts";
import { show } from "./commands/show.ts";
import { verify } from "./commands/verify.ts";

export const COMMANDS: readonly Command[] = [run, ps, show, verify];
