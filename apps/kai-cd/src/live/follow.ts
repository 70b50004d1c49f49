// Frames of the node without end: what a broken connection interrupts goes on from the last cursor, however long the node is away.

import { type FrameStreamOptions, frameStream, type ServerFrame, TRANSIENT_FRAME_TYPES } from "@kos/api";
import { isKosError } from "@kos/klp";

export type LinkState = "connecting" | "live" | "lost";

export interface FollowOptions extends Pick<FrameStreamOptions, "url" | "token" | "topics" | "createSocket" | "pause" | "signal"> {
  readonly onFrame: (frame: ServerFrame) => void;
  readonly onState: (state: LinkState) => void;
}

const AGAIN_MS = 5000;

/** Ends when the signal aborts. Errors: what no new connection can mend: UNAUTHORIZED, NOT_FOUND, INSUFFICIENT_SCOPE. */
export async function follow({ onFrame, onState, ...options }: FollowOptions): Promise<void> {
  let since: string | undefined;
  onState("connecting");
  while (!options.signal.aborted) {
    try {
      const frames = frameStream({
        ...options,
        ...(since !== undefined && { since }),
        onConnect: () => onState("live"),
        onDisconnect: () => onState("lost"),
      });
      for await (const frame of frames) {
        if (frame.cursor !== undefined && !TRANSIENT_FRAME_TYPES.includes(frame.type)) since = frame.cursor;
        onFrame(frame);
      }
    } catch (error) {
      if (options.signal.aborted) return;
      if (!isKosError(error) || !error.retryable) throw error;
      onState("lost");
      await options.pause(AGAIN_MS, options.signal).catch(() => undefined);
    }
  }
}
