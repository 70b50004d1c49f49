// ROUGE-1, ROUGE-2 and summary-level ROUGE-L as F1 (Lin, ROUGE: A Package for Automatic Evaluation of Summaries, 2004), without stemming and with stop words. For tests only.

export interface Rouge {
  readonly rouge1: number;
  readonly rouge2: number;
  readonly rougeL: number;
}

/** Both as lists of sentences. */
export function rouge(candidate: readonly string[], reference: readonly string[], language: string): Rouge {
  const segmenter = new Intl.Segmenter(language, { granularity: "word" });
  const tokens = (sentence: string) =>
    [...segmenter.segment(sentence.toLowerCase())].flatMap(({ segment, isWordLike }) => (isWordLike === true ? [segment] : []));
  const [found, wanted] = [candidate.map(tokens), reference.map(tokens)];
  return {
    rouge1: overlap(found.flat(), wanted.flat(), 1),
    rouge2: overlap(found.flat(), wanted.flat(), 2),
    rougeL: longest(found, wanted),
  };
}

export function meanRouge(scores: readonly Rouge[]): Rouge {
  const mean = (key: keyof Rouge) => scores.reduce((sum, score) => sum + score[key], 0) / scores.length;
  return { rouge1: mean("rouge1"), rouge2: mean("rouge2"), rougeL: mean("rougeL") };
}

function overlap(found: readonly string[], wanted: readonly string[], n: number): number {
  const [one, other] = [ngrams(found, n), ngrams(wanted, n)];
  let common = 0;
  for (const [gram, count] of one) common += Math.min(count, other.get(gram) ?? 0);
  return f1(common, Math.max(0, found.length - n + 1), Math.max(0, wanted.length - n + 1));
}

function ngrams(tokens: readonly string[], n: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + n <= tokens.length; start += 1) {
    const gram = tokens.slice(start, start + n).join(" ");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** For each reference sentence the union of its longest common subsequences with all candidate sentences; a token counts as often as both sides have it. */
function longest(found: readonly (readonly string[])[], wanted: readonly (readonly string[])[]): number {
  const left = new Map<string, number>();
  for (const token of found.flat()) left.set(token, (left.get(token) ?? 0) + 1);
  let hits = 0;
  for (const sentence of wanted) {
    const union = new Set(found.flatMap((other) => commonPlaces(sentence, other)));
    for (const place of union) {
      const token = sentence[place] ?? "";
      const count = left.get(token) ?? 0;
      if (count === 0) continue;
      left.set(token, count - 1);
      hits += 1;
    }
  }
  return f1(hits, found.flat().length, wanted.flat().length);
}

/** Places in `one` of a longest common subsequence. */
function commonPlaces(one: readonly string[], other: readonly string[]): readonly number[] {
  const width = other.length + 1;
  const lengths = new Int32Array((one.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = 1; row <= one.length; row += 1)
    for (let column = 1; column <= other.length; column += 1)
      lengths[row * width + column] =
        one[row - 1] === other[column - 1] ? at(row - 1, column - 1) + 1 : Math.max(at(row - 1, column), at(row, column - 1));
  const places: number[] = [];
  for (let [row, column] = [one.length, other.length]; row > 0 && column > 0; ) {
    if (one[row - 1] === other[column - 1]) {
      places.push(row - 1);
      row -= 1;
      column -= 1;
    } else if (at(row - 1, column) >= at(row, column - 1)) row -= 1;
    else column -= 1;
  }
  return places;
}

function f1(common: number, found: number, wanted: number): number {
  if (common === 0) return 0;
  const [precision, recall] = [common / found, common / wanted];
  return (2 * precision * recall) / (precision + recall);
}
