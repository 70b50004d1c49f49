// A token bucket for the messages of one connection.

const PER_SECOND = 10;
const BURST = 100;

export interface MessageLimit {
  /** False when the bucket is empty. */
  take(): boolean;
}

export function createMessageLimit(now: () => number): MessageLimit {
  let tokens = BURST;
  let filledAt = now();
  return {
    take() {
      const at = now();
      tokens = Math.min(BURST, tokens + (Math.max(0, at - filledAt) / 1000) * PER_SECOND);
      filledAt = at;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
