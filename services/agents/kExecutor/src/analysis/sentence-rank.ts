// Which sentences of a text say most of what it says. Pure: sentences as lists of terms in, scores and a choice out.
//
// Continuous LexRank (Erkan and Radev, LexRank: Graph-based Lexical Centrality as Salience in Text Summarization, JAIR 22, 2004): the stationary
// distribution of a walk over the sentences whose steps follow TF-IDF cosine. Its jumps go to places rather than anywhere (topic-sensitive
// PageRank, Haveliwala 2002): to the beginning of the text, a little to its end, and to sentences close to the whole. The choice is by maximal
// marginal relevance (Carbonell and Goldstein, SIGIR 1998), so that no two sentences say the same.

export interface RankedSentence {
  /** Position in the given list. */
  readonly index: number;
  /** 1 for the best sentence. */
  readonly score: number;
}

export interface RankOptions {
  /** How many to choose at most. */
  readonly count: number;
  /** Sentences beyond that many are told apart by their closeness to the whole text before the graph is built. */
  readonly maxGraph?: number;
}

/** The graph is dense: that many sentences take 8 MB and about 0.1 s. */
export const MAX_GRAPH_SENTENCES = 1000;

/** The part of the walk that follows similarity; the rest jumps by the prior. As in the paper. */
const DAMPING = 0.85;
const MOST_STEPS = 100;
const TOLERANCE = 1e-6;
/** How much a chosen sentence counts for itself, against being unlike those chosen before. */
const RELEVANCE = 0.7;
/** So alike, a sentence says nothing new: it is chosen only when there is no other. */
const SAME = 0.85;
/** A cosine hides length: of two sentences that are as central, the one with more to say is better, though not in proportion. */
const LENGTH_POWER = 0.75;

/** A sparse vector of length 1: terms in ascending order, with their weights. */
interface Vector {
  readonly terms: Int32Array;
  readonly weights: Float64Array;
}

/** In order of the text. `sentences`: their content terms, without stop words, in the order of the text. */
export function rankSentences(sentences: readonly (readonly string[])[], options: RankOptions): readonly RankedSentence[] {
  const vectors = vectorsOf(sentences);
  const closeness = closenessToWhole(vectors);
  const graph = strongest(closeness, options.maxGraph ?? MAX_GRAPH_SENTENCES);
  const similarity = similarities(graph.map((index) => vectors[index] ?? EMPTY));
  const prior = normalised(graph.map((index) => positionPrior(index, sentences.length) + CLOSENESS_SHARE * (closeness[index] ?? 0)));
  const scores = stationary(similarity, prior).map((score, place) => score * (sentences[graph[place] ?? 0]?.length ?? 0) ** LENGTH_POWER);
  const best = Math.max(...scores, Number.MIN_VALUE);
  const relative = scores.map((score) => score / best);
  const chosen = chooseDiverse(relative, similarity, options.count);
  return chosen.map((place) => ({ index: graph[place] ?? 0, score: relative[place] ?? 0 })).sort((one, other) => one.index - other.index);
}

const EMPTY: Vector = { terms: new Int32Array(0), weights: new Float64Array(0) };
const CLOSENESS_SHARE = 1;

/** Leads say much in news; ends say much in reports; the first sentence most of all. */
function positionPrior(index: number, total: number): number {
  const place = total < 2 ? 0 : index / (total - 1);
  return 0.2 + Math.exp(-6 * place) * 0.8 + (place > 0.75 ? 0.2 : 0);
}

function vectorsOf(sentences: readonly (readonly string[])[]): readonly Vector[] {
  const ids = new Map<string, number>();
  const within: number[] = [];
  const counts = sentences.map((terms) => {
    const counted = new Map<number, number>();
    for (const term of terms) {
      const id = ids.get(term) ?? ids.size;
      ids.set(term, id);
      if (!counted.has(id)) within[id] = (within[id] ?? 0) + 1;
      counted.set(id, (counted.get(id) ?? 0) + 1);
    }
    return counted;
  });
  const idf = within.map((count) => Math.log(1 + sentences.length / count));
  return counts.map((counted) => {
    const terms = Int32Array.from(counted.keys()).sort();
    const weights = Float64Array.from(terms, (id) => (1 + Math.log(counted.get(id) ?? 1)) * (idf[id] ?? 0));
    const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
    return { terms, weights: length === 0 ? weights : weights.map((weight) => weight / length) };
  });
}

/** Cosine with the sum of all sentences (the centroid of Radev et al., Centroid-based summarization of multiple documents, 2004), best 1. */
function closenessToWhole(vectors: readonly Vector[]): readonly number[] {
  const sum = new Map<number, number>();
  for (const { terms, weights } of vectors) terms.forEach((term, place) => sum.set(term, (sum.get(term) ?? 0) + (weights[place] ?? 0)));
  const dots = vectors.map(({ terms, weights }) =>
    terms.reduce((dot, term, place) => dot + (sum.get(term) ?? 0) * (weights[place] ?? 0), 0),
  );
  const best = dots.reduce((most, dot) => Math.max(most, dot), 0);
  return best === 0 ? dots : dots.map((dot) => dot / best);
}

/** Places of the highest values, in order of place. */
function strongest(values: readonly number[], count: number): readonly number[] {
  const places = values.map((_, place) => place);
  if (places.length <= count) return places;
  return places
    .sort((one, other) => (values[other] ?? 0) - (values[one] ?? 0) || one - other)
    .slice(0, count)
    .sort((one, other) => one - other);
}

function similarities(vectors: readonly Vector[]): readonly Float64Array[] {
  const rows = vectors.map(() => new Float64Array(vectors.length));
  const holders = new Map<number, { readonly place: number; readonly weight: number }[]>();
  for (const [place, { terms, weights }] of vectors.entries()) {
    const row = rows[place];
    if (row === undefined) continue;
    terms.forEach((term, at) => {
      const weight = weights[at] ?? 0;
      const before = holders.get(term) ?? [];
      for (const other of before) row[other.place] = (row[other.place] ?? 0) + weight * other.weight;
      before.push({ place, weight });
      holders.set(term, before);
    });
  }
  for (const [place, row] of rows.entries()) {
    for (let other = 0; other < place; other += 1) {
      const mirror = rows[other];
      if (mirror !== undefined) mirror[place] = row[other] ?? 0;
    }
  }
  return rows;
}

function stationary(similarity: readonly Float64Array[], prior: readonly number[]): readonly number[] {
  const sums = similarity.map((row) => row.reduce((sum, value) => sum + value, 0));
  let scores = Float64Array.from(prior);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const next = Float64Array.from(prior, (jump) => (1 - DAMPING) * jump);
    let stranded = 0;
    for (const [place, row] of similarity.entries()) {
      const [score, sum] = [scores[place] ?? 0, sums[place] ?? 0];
      if (sum === 0) stranded += score;
      else
        for (let other = 0; other < row.length; other += 1) next[other] = (next[other] ?? 0) + (DAMPING * score * (row[other] ?? 0)) / sum;
    }
    let change = 0;
    for (let place = 0; place < next.length; place += 1) {
      next[place] = (next[place] ?? 0) + DAMPING * stranded * (prior[place] ?? 0);
      change += Math.abs((next[place] ?? 0) - (scores[place] ?? 0));
    }
    scores = next;
    if (change < TOLERANCE) break;
  }
  return [...scores];
}

function chooseDiverse(scores: readonly number[], similarity: readonly Float64Array[], count: number): readonly number[] {
  const chosen: number[] = [];
  const closest = new Float64Array(scores.length);
  while (chosen.length < Math.min(count, scores.length)) {
    let [best, bestValue] = [-1, Number.NEGATIVE_INFINITY];
    for (const [place, score] of scores.entries()) {
      const likeness = closest[place] ?? 0;
      const value = RELEVANCE * score - (1 - RELEVANCE) * likeness - (likeness > SAME ? 1 : 0);
      if (value > bestValue && !chosen.includes(place)) [best, bestValue] = [place, value];
    }
    chosen.push(best);
    similarity[best]?.forEach((value, place) => {
      closest[place] = Math.max(closest[place] ?? 0, value);
    });
  }
  return chosen;
}

function normalised(values: readonly number[]): readonly number[] {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum === 0 ? values : values.map((value) => value / sum);
}
