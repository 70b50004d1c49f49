// Verifies a run's evidence in this browser, on a thread of its own, trusting nothing but the key it is given.

import type { EvidenceReport } from "@kos/evidence";
import type { VerifyAnswer, VerifyRequest } from "./verify-request.ts";
// oxlint-disable-next-line import/default -- the build makes this module: its default export is the address of the built thread
import workerAddress from "./verify-worker.ts?worker&url";

/** The only script address that this page ever makes: a part of its own build. */
function scriptAddress(): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy("kos-worker", { createScriptURL: () => workerAddress });
  return policy?.createScriptURL("") ?? workerAddress;
}

interface Policy {
  createScriptURL(input: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { readonly createScriptURL: () => string }): Policy;
}

let policy: Policy | undefined;

/** Errors: the thread could not be started or broke; bad evidence is no error but a report. */
export function verifyInBrowser(request: VerifyRequest): Promise<EvidenceReport> {
  const { promise, resolve, reject } = Promise.withResolvers<EvidenceReport>();
  const worker = new Worker(scriptAddress(), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<VerifyAnswer>) => {
    if ("report" in data) resolve(data.report);
    else reject(new Error(data.failure));
  });
  worker.addEventListener("error", (event) =>
    reject(new Error(event.message === "" ? "The verifying thread could not be started." : event.message)),
  );
  worker.postMessage(request);
  return promise.finally(() => worker.terminate());
}
