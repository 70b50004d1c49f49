// Values too large for an envelope travel as blobs: the envelope names their hash, which its proof covers. Both ends reach the same blob store.

import type { MessageFromAgent, MessageToAgent } from "@kos/agent";

/** The blob store, as texts. */
export interface ValueBlobs {
  /** `sha256:<hex>`; durable when it resolves. */
  put(text: string): Promise<string>;
  /** Checked against the hash. */
  get(hash: string): Promise<string>;
}

type Message = MessageToAgent | MessageFromAgent;

/** An envelope has 1 MiB; a character may take six bytes in JSON. */
const MAX_CHARS = 128 * 1024;

/** The message as it fits an envelope: itself, or with its params, checkpoints or output in a blob. */
export function packLarge<M extends Message>(message: M, blobs: ValueBlobs): M | Promise<M> {
  const { payload } = message;
  if ("params" in payload) {
    const { checkpoints, ...rest } = payload;
    if (checkpoints !== undefined && exceeds([payload.params, checkpoints], MAX_CHARS)) {
      return blobs
        .put(JSON.stringify(checkpoints))
        .then((checkpoints_ref) => packLarge({ ...message, payload: { ...rest, checkpoints_ref } }, blobs));
    }
    if (!exceeds(payload.params, MAX_CHARS)) return message;
    return blobs
      .put(JSON.stringify(payload.params))
      .then((params_ref) => ({ ...message, payload: { ...payload, params: null, params_ref } }));
  }
  if ("output" in payload && exceeds(payload.output, MAX_CHARS)) {
    return blobs
      .put(JSON.stringify(payload.output))
      .then((output_ref) => ({ ...message, payload: { ...payload, output: null, output_ref } }));
  }
  return message;
}

/** What `packLarge` was given. */
export function unpackLarge<M extends Message>(message: M, blobs: ValueBlobs): M | Promise<M> {
  const { payload } = message;
  if ("checkpoints_ref" in payload && payload.checkpoints_ref !== undefined) {
    const { checkpoints_ref, ...rest } = payload;
    return blobs
      .get(checkpoints_ref)
      .then((text) => unpackLarge({ ...message, payload: { ...rest, checkpoints: JSON.parse(text) as readonly unknown[] } }, blobs));
  }
  if ("params_ref" in payload && payload.params_ref !== undefined) {
    const { params_ref, ...rest } = payload;
    return blobs.get(params_ref).then((text) => ({ ...message, payload: { ...rest, params: JSON.parse(text) as unknown } }));
  }
  if ("output_ref" in payload && payload.output_ref !== undefined) {
    const { output_ref, ...rest } = payload;
    return blobs.get(output_ref).then((text) => ({ ...message, payload: { ...rest, output: JSON.parse(text) as unknown } }));
  }
  return message;
}

/** Counts the characters of texts and keys, and one for anything else; stops at the bound. */
function exceeds(value: unknown, maxChars: number): boolean {
  let left = maxChars;
  const open: unknown[] = [value];
  while (open.length > 0 && left >= 0) {
    const next = open.pop();
    if (typeof next === "string") left -= next.length;
    else if (Array.isArray(next)) {
      left -= next.length;
      if (left >= 0) open.push(...(next as unknown[]));
    } else if (typeof next === "object" && next !== null) {
      for (const [key, member] of Object.entries(next)) {
        left -= key.length + 1;
        open.push(member);
      }
    } else left -= 8;
  }
  return left < 0;
}

/** Handles messages in the order given although some have to wait for a blob. */
export function inOrder<M>(
  step: (message: M) => M | Promise<M>,
  deliver: (message: M) => void,
  onError: (error: unknown, message: M) => void,
): (message: M) => void {
  let last: Promise<void> | undefined;
  return (message) => {
    const ready = last === undefined ? step(message) : last.then(() => step(message));
    if (!(ready instanceof Promise)) {
      deliver(ready);
      return;
    }
    const done = ready.then(deliver).catch((error: unknown) => onError(error, message));
    last = done;
    void done.then(() => {
      if (last === done) last = undefined;
    });
  };
}
