/** The manifest of an agent: what it is, what it can do and what it may touch, signed by the node that issued it. */

import { decodeDidKey, encodeDidKey } from "./did-key.ts";
import { KosError } from "./errors.ts";
import type { Identity } from "./identity.ts";
import type { AgentId, DidKey, NodeDid } from "./ids.ts";
import { findManifestProblems } from "./manifest-shape.ts";
import { signDocument, verifyDocument } from "./signed-document.ts";
import { formatTimestamp, parseTimestamp } from "./timestamp.ts";

export interface ManifestRetry {
  readonly max_attempts: number;
  readonly backoff_ms: number;
  readonly max_backoff_ms: number;
}

export interface ManifestCapability {
  /** Dotted, `web.fetch`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema 2020-12. */
  readonly input: object;
  readonly output: object;
  readonly effects: readonly string[];
  readonly idempotent: boolean;
  readonly reconcile: boolean;
  readonly timeout_ms: number;
  readonly retry: ManifestRetry;
  readonly cost?: number;
  readonly placement?: string;
  readonly output_labels?: readonly string[];
  readonly max_concurrent?: number;
}

export interface ManifestLimits {
  readonly max_tasks: number;
  readonly timeout_ms: number;
  readonly memory_mb: number;
  readonly messages_per_s: number;
}

/** What an agent says of itself. */
export interface ManifestContent {
  readonly class: string;
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  readonly description: string;
  readonly capabilities: readonly ManifestCapability[];
  /** Effects it may have; every effect of a capability is among them. */
  readonly permissions: readonly string[];
  readonly limits: ManifestLimits;
  readonly persona?: string;
  /** Names of secrets, never their values. */
  readonly secrets: readonly string[];
  readonly interfaces: readonly string[];
  readonly health: { readonly interval_ms: number };
}

export interface Manifest extends ManifestContent {
  readonly schema_version: 1;
  readonly id: AgentId;
  readonly public_key: DidKey;
  readonly issued_at: string;
  readonly expires_at: string;
  readonly issuer: NodeDid;
  readonly signature: string;
}

export interface ManifestTerms {
  /** The agent's id; its class and name have to be the content's. */
  readonly id: AgentId;
  readonly publicKey: Uint8Array;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

const DOMAIN = "klp-manifest/1.0";

/** Completes and signs a manifest. @throws KosError BAD_REQUEST listing every problem of the result in `details.problems`. */
export function signManifest(content: ManifestContent, terms: ManifestTerms, issuer: Identity): Manifest {
  const unsigned = {
    ...content,
    schema_version: 1,
    id: terms.id,
    public_key: encodeDidKey(terms.publicKey),
    issued_at: formatTimestamp(terms.issuedAtMs),
    expires_at: formatTimestamp(terms.expiresAtMs),
    issuer: issuer.did,
  } as const;
  const manifest = { ...unsigned, signature: signDocument(DOMAIN, unsigned, issuer) };
  refuseProblems(manifest);
  return manifest;
}

/**
 * Accepts a manifest. @throws KosError, in this order: BAD_REQUEST (all problems of its shape in `details.problems`), IDENTITY_UNKNOWN (an issuer
 * that `isTrustedIssuer` does not know), SIGNATURE_INVALID, EXPIRED (before or after its time).
 */
export function verifyManifest(
  value: unknown,
  context: { readonly now: () => number; readonly isTrustedIssuer: (issuer: NodeDid) => boolean },
): Manifest {
  refuseProblems(value);
  const manifest = value as Manifest;
  if (!context.isTrustedIssuer(manifest.issuer)) {
    throw new KosError("IDENTITY_UNKNOWN", "The manifest was issued by a node that is not trusted here. Pair with that node first.");
  }
  const publicKey = decodeDidKey(manifest.issuer);
  if (publicKey === undefined || !verifyDocument(DOMAIN, manifest, publicKey)) {
    throw new KosError("SIGNATURE_INVALID", "The signature of the manifest does not fit. Have its node sign it again.");
  }
  const nowMs = context.now();
  if (nowMs < (parseTimestamp(manifest.issued_at) ?? Number.NaN) || nowMs >= (parseTimestamp(manifest.expires_at) ?? Number.NaN)) {
    throw new KosError(
      "EXPIRED",
      `The manifest is valid from ${manifest.issued_at} to ${manifest.expires_at}. Have its node issue a new one.`,
    );
  }
  return manifest;
}

function refuseProblems(value: unknown): void {
  const problems = findManifestProblems(value);
  if (problems.length === 0) return;
  const list = problems.map(({ path, expected }) => `${path} must be ${expected}`).join("; ");
  throw new KosError("BAD_REQUEST", `The manifest is not valid: ${list}.`, { details: { problems } });
}
