// Words that say nothing of what a text is about: the lists of the package `stopword`, and for languages without one what is short and everywhere.

/** ISO 639-1 to the name of the package's list. */
const LISTS = {
  af: "afr",
  ar: "ara",
  bg: "bul",
  bn: "ben",
  br: "bre",
  ca: "cat",
  cs: "ces",
  da: "dan",
  de: "deu",
  el: "ell",
  en: "eng",
  eo: "epo",
  es: "spa",
  et: "est",
  eu: "eus",
  fa: "fas",
  fi: "fin",
  fr: "fra",
  ga: "gle",
  gl: "glg",
  gu: "guj",
  he: "heb",
  hi: "hin",
  hr: "hrv",
  hu: "hun",
  hy: "hye",
  id: "ind",
  it: "ita",
  ja: "jpn",
  ko: "kor",
  ku: "kur",
  la: "lat",
  lt: "lit",
  lv: "lav",
  mr: "mar",
  ms: "msa",
  nl: "nld",
  no: "nob",
  pa: "panGu",
  pl: "pol",
  pt: "por",
  ro: "ron",
  ru: "rus",
  sk: "slk",
  sl: "slv",
  so: "som",
  sv: "swe",
  sw: "swa",
  th: "tha",
  tl: "tgl",
  tr: "tur",
  uk: "ukr",
  ur: "urd",
  vi: "vie",
  yo: "yor",
  zh: "zho",
  zu: "zul",
} as const;

/** Numerals and particles that two of the lists lack. */
const ALSO: Readonly<Record<string, string>> = {
  en: "will not without may two three four five six seven eight nine ten first second every its them these those while when where who whom whose until since",
  fr: "deux trois quatre cinq six sept huit neuf dix onze douze vingt trente quarante cinquante soixante cent mille plus très moins déjà aussi chaque près",
};

/** A statistical stop word has at most that many letters and is in that part of the sentences. */
const MOST_LETTERS = 4;
const LEAST_SHARE = 0.12;
const LEAST_SENTENCES = 20;

/** `sentences`: the terms of each sentence, looked at only for a language without a list. */
export async function stopWordsFor(language: string, sentences: () => readonly (readonly string[])[]): Promise<ReadonlySet<string>> {
  const base = language.split("-")[0] ?? language;
  const name = LISTS[base as keyof typeof LISTS];
  if (name === undefined) return frequentShortWords(sentences());
  const { default: lists } = await import("stopword");
  return new Set([...lists[name].map((word) => word.toLowerCase()), ...(ALSO[base]?.split(" ") ?? [])]);
}

function frequentShortWords(sentences: readonly (readonly string[])[]): ReadonlySet<string> {
  if (sentences.length < LEAST_SENTENCES) return new Set();
  const within = new Map<string, number>();
  for (const terms of sentences) for (const term of new Set(terms)) within.set(term, (within.get(term) ?? 0) + 1);
  return new Set(
    [...within].flatMap(([term, count]) => (term.length <= MOST_LETTERS && count / sentences.length >= LEAST_SHARE ? [term] : [])),
  );
}
