// kExecutor:documents: the agent that reads what others made (documents, archives, images, texts), in processes that may do little else.

import { type Agent, defineAgent } from "@kos/agent";
import { archiveExtract } from "./archives/archive-extract.ts";
import { archiveList } from "./archives/archive-list.ts";
import { docExtract } from "./documents/doc-extract.ts";
import { imageInfo } from "./images/image-info.ts";

const VERSION = "0.1.0";

export function createDocumentsAgent(): Agent {
  const capabilities = [docExtract, archiveList, archiveExtract, imageInfo];
  return defineAgent({
    class: "kExecutor",
    name: "documents",
    version: VERSION,
    description: "Reads documents, archives, images and texts; says what is in them and what is wrong with them.",
    capabilities,
  });
}
