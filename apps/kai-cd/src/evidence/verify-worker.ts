// The verifying thread: a run's evidence may hold thousands of events, and the page stays usable meanwhile. It knows nothing but the bytes.

import { verifyEvidence } from "@kos/evidence";
import type { VerifyAnswer, VerifyRequest } from "./verify-request.ts";

addEventListener("message", ({ data }: MessageEvent<VerifyRequest>) => {
  let answer: VerifyAnswer;
  try {
    answer = { report: verifyEvidence(data.bytes, data.node === undefined ? {} : { node: data.node }) };
  } catch (error) {
    answer = { failure: error instanceof Error ? error.message : String(error) };
  }
  postMessage(answer);
});
