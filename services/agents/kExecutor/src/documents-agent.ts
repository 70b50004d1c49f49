// kExecutor:documents: the agent that reads what others made (documents, archives, images, texts, web pages that are here already), in processes that may do little else.

import { type Agent, defineAgent } from "@kos/agent";
import { diffText } from "./analysis/diff-text.ts";
import { textKeywords } from "./analysis/text-keywords.ts";
import { textLanguage } from "./analysis/text-language.ts";
import { textSummarize } from "./analysis/text-summarize.ts";
import { archiveExtract } from "./archives/archive-extract.ts";
import { archiveList } from "./archives/archive-list.ts";
import { docDigest } from "./digest/doc-digest.ts";
import { docExtract } from "./documents/doc-extract.ts";
import { imageInfo } from "./images/image-info.ts";
import { webExtract } from "./web/html/web-extract.ts";

const VERSION = "0.1.0";

export function createDocumentsAgent(): Agent {
  const capabilities = [
    docExtract,
    docDigest,
    archiveList,
    archiveExtract,
    imageInfo,
    textSummarize,
    textKeywords,
    textLanguage,
    diffText,
    webExtract,
  ];
  return defineAgent({
    class: "kExecutor",
    name: "documents",
    version: VERSION,
    description: "Reads documents, archives, images, texts and web pages at hand; says what is in them and what is wrong with them.",
    capabilities,
  });
}
