// Rates of something done again and again.

/** Operations a second of `work`, which does `operations` of them a call, over at least `leastMs`. */
export function ratePerSecond(work: () => unknown, operations: number, leastMs: number): number {
  const start = performance.now();
  let calls = 0;
  do {
    for (let repeat = 0; repeat < 10; repeat++) work();
    calls += 10;
  } while (performance.now() - start < leastMs);
  return perSecond(calls * operations, performance.now() - start);
}

export function perSecond(count: number, elapsedMs: number): number {
  return (count * 1000) / elapsedMs;
}
