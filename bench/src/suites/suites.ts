// All suites, in the order they run.

import type { Suite } from "../harness/figure.ts";
import { compose } from "./compose.ts";
import { counts } from "./counts.ts";
import { crawl } from "./crawl.ts";
import { data } from "./data.ts";
import { disk } from "./disk.ts";
import { engine } from "./engine.ts";
import { engineGrowth } from "./engine-growth.ts";
import { engineMemory } from "./engine-memory.ts";
import { engineRestart } from "./engine-restart.ts";
import { folderDigest } from "./folder-digest.ts";
import { gateway } from "./gateway.ts";
import { journal } from "./journal.ts";
import { klp } from "./klp.ts";
import { log, logGrowth } from "./log.ts";
import { node } from "./node.ts";
import { peers } from "./peers.ts";
import { processor } from "./processor.ts";
import { webSocket } from "./web-socket.ts";

export const SUITES: readonly Suite[] = [
  disk,
  journal,
  processor,
  klp,
  compose,
  log,
  logGrowth,
  counts,
  engine,
  engineGrowth,
  engineMemory,
  engineRestart,
  gateway,
  webSocket,
  data,
  node,
  crawl,
  folderDigest,
  peers,
];
