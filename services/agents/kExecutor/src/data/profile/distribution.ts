// What can be read off numbers in rising order: quantiles, a histogram, and how many lie outside Tukey's fences.

export interface Distribution {
  /** In rising order, each once or many times. */
  readonly values: Float64Array;
  /** How often each of them counts; undefined: once. */
  readonly weights?: Float64Array;
  /** How many numbers there are in all; more than in `values` where these are a sample. */
  readonly count: number;
  readonly exact: boolean;
}

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface Fences {
  readonly low: number;
  readonly high: number;
}

/** Below and above these a value is an outlier: 1.5 times the interquartile range (Tukey, Exploratory Data Analysis, 1977). */
const FENCE = 1.5;

/** By linear interpolation between the two nearest: type 7 of Hyndman and Fan, 1996, the default of numpy, pandas and R. */
export function quantilesOf(distribution: Distribution, shares: readonly number[]): readonly number[] {
  const { values, weights } = distribution;
  if (weights === undefined) {
    return shares.map((share) => {
      const at = (values.length - 1) * share;
      return between(values[Math.floor(at)] ?? Number.NaN, values[Math.ceil(at)] ?? Number.NaN, at - Math.floor(at));
    });
  }
  const upTo = new Float64Array(values.length);
  let total = 0;
  for (const [index, weight] of weights.entries()) {
    total += weight;
    upTo[index] = total;
  }
  const valueAt = (position: number) => values[firstAbove(upTo, position)] ?? Number.NaN;
  return shares.map((share) => {
    const at = (total - 1) * share;
    return between(valueAt(Math.floor(at)), valueAt(Math.ceil(at)), at - Math.floor(at));
  });
}

function between(low: number, high: number, part: number): number {
  return part === 0 || low === high ? low : low + (high - low) * part;
}

/** Index of the first entry that is greater. */
function firstAbove(rising: Float64Array, bound: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? 0) > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function fencesOf(firstQuartile: number, thirdQuartile: number): Fences {
  const range = thirdQuartile - firstQuartile;
  return { low: firstQuartile - FENCE * range, high: thirdQuartile + FENCE * range };
}

/** How many lie strictly outside. Scaled up, and so an estimate, where only a sample is known. */
export function countOutside({ values, weights, count }: Distribution, { low, high }: Fences): number {
  let [outside, all] = [0, 0];
  for (const [index, value] of values.entries()) {
    const weight = weights?.[index] ?? 1;
    all += weight;
    if (value < low || value > high) outside += weight;
  }
  return all === 0 ? 0 : Math.round((outside / all) * count);
}

/**
 * Classes of equal width from the smallest to the largest value, as many as Sturges' rule says and at most `most`; whole numbers of a small range get a
 * class each. A value on an edge counts in the class above it, the largest value in the last class. Counts are estimates where only a sample is known.
 */
export function histogramOf(distribution: Distribution, areWhole: boolean, most: number): readonly Bin[] {
  const { values, weights, count } = distribution;
  const [least, greatest] = [values[0], values.at(-1)];
  if (least === undefined || greatest === undefined) return [];
  const span = greatest - least;
  if (!Number.isFinite(span)) return [];
  if (span === 0) return [{ from: least, to: greatest, count }];
  const single = areWhole && span < most;
  const bins = single ? span + 1 : Math.min(most, Math.max(5, Math.ceil(Math.log2(count)) + 1));
  const width = single ? 1 : span / bins;
  const counts = new Float64Array(bins);
  let all = 0;
  for (const [index, value] of values.entries()) {
    const weight = weights?.[index] ?? 1;
    const bin = Math.min(Math.floor((value - least) / width), bins - 1);
    counts[bin] = (counts[bin] ?? 0) + weight;
    all += weight;
  }
  return Array.from(counts, (found, bin) => ({
    from: least + bin * width,
    to: single ? least + bin : bin === bins - 1 ? greatest : least + (bin + 1) * width,
    count: all === count ? found : Math.round((found / all) * count),
  }));
}
