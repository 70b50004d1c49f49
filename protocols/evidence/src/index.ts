/** The public face of the evidence package. */

export { buildEvidence, type EvidenceLog, type EvidenceRequest } from "./build-evidence.ts";
export { type EventHeader, eventHeader, eventHeaderText, eventLeafHash, isCommitment, parseEventHeader } from "./event-header.ts";
export {
  CLOSING_EVENT,
  EVIDENCE_FORMAT,
  type EvidenceArtifact,
  type EvidenceDocument,
  type EvidenceEvent,
  type EvidenceIndex,
  type EvidenceMessage,
} from "./evidence-document.ts";
export { EVIDENCE_CHECKS, type EvidenceCheck, type EvidenceCheckId, type EvidenceReport, type EvidenceRun } from "./evidence-report.ts";
export { signLogCut, verifyLogCut } from "./log-cut.ts";
export { formatCommitment, formatSalt, parseSalt, payloadCommitment, SALT_BYTES } from "./payload-commitment.ts";
export { logId, signTreeHead, type TreeHead, treeHeadBytes, verifyTreeHead } from "./tree-head.ts";
export { type VerifyEvidenceOptions, verifyEvidence } from "./verify-evidence.ts";
