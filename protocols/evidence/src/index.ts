/** The public face of the evidence package. */

export { type EventHeader, eventHeader, eventHeaderText, eventLeafHash, isCommitment, parseEventHeader } from "./event-header.ts";
export { formatSalt, parseSalt, payloadCommitment, SALT_BYTES } from "./payload-commitment.ts";
export { logId, signTreeHead, type TreeHead, treeHeadBytes, verifyTreeHead } from "./tree-head.ts";
