// Token buckets: one for the messages of a connection, a keyed set of them for callers and addresses. Bounded; holds no timer.

export interface TokenBucketOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly now: () => number;
}

export interface TokenBucket {
  /** 0 when a token was taken, else the milliseconds until there is one. */
  take(): number;
  /** As `take` would answer, without taking. */
  wait(): number;
}

export interface KeyedBuckets {
  take(key: string): number;
  wait(key: string): number;
}

const MAX_KEYS = 10_000;
/** A wait is told in whole milliseconds; what fractions lose on the way must not make it untrue. The bucket owes it: it never lets through more. */
const ROUNDING = 1e-9;

export function createTokenBucket({ perSecond, burst, now }: TokenBucketOptions): TokenBucket {
  let tokens = burst;
  let filledAt = now();
  function wait(): number {
    const at = now();
    tokens = Math.min(burst, tokens + (Math.max(0, at - filledAt) / 1000) * perSecond);
    filledAt = at;
    return tokens >= 1 - ROUNDING ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
  }
  return {
    wait,
    take() {
      const ms = wait();
      if (ms === 0) tokens -= 1;
      return ms;
    },
  };
}

/** One bucket a key. With too many keys the one used longest ago is forgotten: it starts full again, which only errs towards letting through. */
export function createKeyedBuckets(options: TokenBucketOptions): KeyedBuckets {
  const buckets = new Map<string, TokenBucket>();
  let last: { readonly key: string; readonly bucket: TokenBucket } | undefined;
  function bucketOf(key: string): TokenBucket {
    if (last?.key === key) return last.bucket; // One caller again and again is the rule, and is the youngest already.
    const bucket = buckets.get(key) ?? createTokenBucket(options);
    last = { key, bucket };
    buckets.delete(key);
    buckets.set(key, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > MAX_KEYS && oldest !== undefined) buckets.delete(oldest);
    return bucket;
  }
  return { take: (key) => bucketOf(key).take(), wait: (key) => buckets.get(key)?.wait() ?? 0 };
}
