// kExecutor:documents: the agent that reads what others made (documents, archives, images, texts), in processes that may do little else.

import { type Agent, defineAgent } from "@kos/agent";
import { docExtract } from "./documents/doc-extract.ts";

const VERSION = "0.1.0";

export function createDocumentsAgent(): Agent {
  const capabilities = [docExtract];
  return defineAgent({
    class: "kExecutor",
    name: "documents",
    version: VERSION,
    description: "Reads documents, archives, images and texts; says what is in them and what is wrong with them.",
    capabilities,
  });
}
