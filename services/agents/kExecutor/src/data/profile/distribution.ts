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

/** Classes of equal width whose edges are round. */
export interface Classes {
  readonly first: number;
  readonly width: number;
}

const WANTED_CLASSES = 10;
const WANTED_TIME_CLASSES = 8;
const MOST_EDGES = 32;
/** Times 1e-12 it is still far above the smallest doubles, which have too few digits to be divided. */
const LEAST_SPAN = 1e-280;
const ROUND_STEPS = [1, 2, 5, 10] as const;
const TIME_UNITS_MS = [86_400_000, 3_600_000, 60_000, 1000, 1] as const;

/** About ten: 1, 2 or 5 times a power of ten wide, beginning at a multiple of that; not narrower than 1 for whole numbers. */
export function numberClasses(least: number, greatest: number, areWhole: boolean): Classes {
  const rough = (greatest - least) / WANTED_CLASSES;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (ROUND_STEPS.find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10);
  const width = areWhole ? Math.max(1, step) : step;
  return { first: Math.floor(least / width), width };
}

/** About eight: so many whole days, hours, minutes or seconds wide. */
export function timeClasses(least: number, greatest: number): Classes {
  const rough = (greatest - least) / WANTED_TIME_CLASSES;
  const unit = TIME_UNITS_MS.find((ms) => ms <= rough) ?? 1;
  const width = Math.max(1, Math.ceil(rough / unit)) * unit;
  return { first: Math.floor(least / unit) / (width / unit), width };
}

/** A histogram. Each class holds what is at least `from` and less than `to`; counts are estimates where only a sample is known. */
export function histogramOf(distribution: Distribution, classes: (least: number, greatest: number) => Classes): readonly Bin[] {
  const { values, weights, count } = distribution;
  const [least, greatest] = [values[0], values.at(-1)];
  if (least === undefined || greatest === undefined) return [];
  const span = greatest - least;
  // Values that differ by the last places of a double only have no round numbers between them.
  if (!Number.isFinite(span) || span <= Math.max(Math.abs(least), Math.abs(greatest), LEAST_SPAN) * 1e-12)
    return [{ from: least, to: greatest, count }];
  const { first: wanted, width } = classes(least, greatest);
  // Rounding may have put the first edge a last place above the smallest value.
  const first = Number((wanted * width).toPrecision(15)) > least ? wanted - 1 : wanted;
  const edges: number[] = [];
  // Fifteen digits: three times a tenth is 0.3.
  do edges.push(Number(((first + edges.length) * width).toPrecision(15)));
  while ((edges.at(-1) ?? Infinity) <= greatest && edges.length < MOST_EDGES);
  const counts = new Float64Array(edges.length - 1);
  let [all, bin] = [0, 0];
  for (const [index, value] of values.entries()) {
    const weight = weights?.[index] ?? 1;
    while (bin < counts.length - 1 && value >= (edges[bin + 1] ?? Infinity)) bin += 1;
    counts[bin] = (counts[bin] ?? 0) + weight;
    all += weight;
  }
  return Array.from(counts, (found, index) => ({
    from: edges[index] ?? least,
    to: edges[index + 1] ?? greatest,
    count: all === count ? found : Math.round((found / all) * count),
  }));
}
