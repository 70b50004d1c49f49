// Which language a text is in, by the n-grams of the package `eld` (60 languages). The package and its data are loaded on first use.

export interface DetectedLanguage {
  /** ISO 639-1, or `und` where there is nothing to tell it by. */
  readonly language: string;
  /** 0 to 1: how far it is ahead of the next; see `detectLanguage`. */
  readonly confidence: number;
  readonly alternatives: readonly { readonly language: string; readonly confidence: number }[];
}

/** The package reads no more than that of a text at a time. */
const WINDOW_CHARS = 1000;
const MOST_WINDOWS = 8;
const MOST_ALTERNATIVES = 4;
/** Scores of related languages lie close together (Czech and Slovak differ by about a tenth); raised to this power they spread. */
const SHARPNESS = 8;
/** So many letters make a statement as sure as it gets. */
const ENOUGH_LETTERS = 40;
const UNKNOWN: DetectedLanguage = { language: "und", confidence: 0, alternatives: [] };

/**
 * Looks at up to eight windows of 1,000 characters, spread over the text, and adds up what they score. The confidence is the share of the
 * winner in the sharpened scores, less for a text of under forty letters; 0.5 means that a second language is as likely.
 */
export async function detectLanguage(text: string): Promise<DetectedLanguage> {
  const { eld } = await import("eld/small");
  const sums = new Map<string, number>();
  for (const window of windows(text)) {
    for (const [language, score] of Object.entries(eld.detect(window).getScores())) sums.set(language, (sums.get(language) ?? 0) + score);
  }
  const ranked = [...sums]
    .map(([language, score]) => ({ language, weight: score ** SHARPNESS }))
    .sort((one, other) => other.weight - one.weight);
  const total = ranked.reduce((sum, { weight }) => sum + weight, 0);
  const [best, ...rest] = ranked;
  if (best === undefined || total === 0) return UNKNOWN;
  const letters = countLetters(text.slice(0, WINDOW_CHARS));
  const certainty = Math.min(1, letters / ENOUGH_LETTERS) ** 0.5;
  const confidence = (weight: number) => Math.round((weight / total) * certainty * 1000) / 1000;
  return {
    language: best.language,
    confidence: confidence(best.weight),
    alternatives: rest
      .map(({ language, weight }) => ({ language, confidence: confidence(weight) }))
      .filter((other) => other.confidence >= 0.001)
      .slice(0, MOST_ALTERNATIVES),
  };
}

function* windows(text: string): Generator<string> {
  const count = Math.min(MOST_WINDOWS, Math.ceil(text.length / WINDOW_CHARS));
  for (let index = 0; index < count; index += 1) {
    const start = count === 1 ? 0 : Math.floor((index * (text.length - WINDOW_CHARS)) / (count - 1));
    yield text.slice(start, start + WINDOW_CHARS);
  }
}

/** An ideograph says as much as several letters. */
function countLetters(text: string): number {
  const letters = text.match(/\p{L}/gu) ?? [];
  return letters.reduce((sum, letter) => sum + (/\p{Lo}/u.test(letter) ? 3 : 1), 0);
}
