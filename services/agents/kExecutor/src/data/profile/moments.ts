// Count, sum, mean and variance in one pass (Welford, 1962; with weights West, 1979; joined by Chan, Golub and LeVeque, 1979).

export interface Moments {
  add(value: number, weight: number): void;
  readonly count: number;
  /** By Neumaier's compensated summation. */
  readonly sum: number;
  readonly mean: number;
  /** Of the sample, with n - 1; NaN below two values. */
  readonly deviation: number;
}

export function moments(): Moments {
  let [count, mean, squares, sum, lost] = [0, 0, 0, 0, 0];
  return {
    add(value, weight) {
      count += weight;
      const distance = value - mean;
      mean += (distance * weight) / count;
      squares += weight * distance * (value - mean);
      const part = value * weight;
      const next = sum + part;
      lost += Math.abs(sum) >= Math.abs(part) ? sum - next + part : part - next + sum;
      sum = next;
    },
    get count() {
      return count;
    },
    get sum() {
      return sum + lost;
    },
    get mean() {
      return count === 0 ? Number.NaN : (sum + lost) / count;
    },
    get deviation() {
      return count < 2 ? Number.NaN : Math.sqrt(Math.max(squares, 0) / (count - 1));
    },
  };
}
