import { describe, expect, test } from "vitest";
import { meanRouge, type Rouge, rouge } from "../testing/rouge.fixture.ts";
import { SUMMARY_LANGUAGES, type SummaryCase, type SummaryLanguage, summaryCases } from "../testing/summaries.fixture.ts";
import { readabilityOf } from "./readability.ts";
import { createSentenceCutter, MAX_SENTENCE_CHARS } from "./sentences.ts";
import { summarise } from "./summary.ts";
import { findKeywords } from "./text-keywords.ts";

interface Compared {
  readonly ours: Rouge;
  readonly lead: Rouge;
}

async function compare(language: SummaryLanguage, { text, summary }: SummaryCase): Promise<Compared> {
  const cut = (of: string) => createSentenceCutter(language)(of).map((sentence) => sentence.text);
  const ours = (await summarise(text, language, { sentences: 3 })).sentences.map((sentence) => sentence.text);
  return { ours: rouge(ours, cut(summary), language), lead: rouge(cut(text).slice(0, 3), cut(summary), language) };
}

async function compareAll(which: (found: SummaryCase) => boolean, languages: readonly SummaryLanguage[] = SUMMARY_LANGUAGES) {
  const all = await Promise.all(
    languages.flatMap((language) =>
      summaryCases(language)
        .filter(which)
        .map((found) => compare(language, found)),
    ),
  );
  return { ours: meanRouge(all.map(({ ours }) => ours)), lead: meanRouge(all.map(({ lead }) => lead)), documents: all.length };
}

function expectBetter({ ours, lead }: Compared): void {
  for (const measure of ["rouge1", "rouge2", "rougeL"] as const) expect(ours[measure], measure).toBeGreaterThan(lead[measure]);
}

describe("against the first three sentences, by ROUGE-1, ROUGE-2 and ROUGE-L", () => {
  test.each(SUMMARY_LANGUAGES)("summaries of the documents in %s are better, those held out as well as all", async (language) => {
    const heldOut = await compareAll(({ split }) => split === "held_out", [language]);
    expect(heldOut.documents).toBeGreaterThanOrEqual(6);
    expectBetter(heldOut);
    expectBetter(await compareAll(() => true, [language]));
  });

  test("over all documents they are better by a third at least", async () => {
    const { ours, lead, documents } = await compareAll(() => true);
    expect(documents).toBeGreaterThanOrEqual(36);
    for (const measure of ["rouge1", "rouge2", "rougeL"] as const) expect(ours[measure], measure).toBeGreaterThan(1.33 * lead[measure]);
  });

  test("of news, where the lead is the summary, they keep four fifths at least of what the lead has", async () => {
    const { ours, lead, documents } = await compareAll(({ kind }) => kind === "news");
    expect(documents).toBeGreaterThanOrEqual(12);
    expect(ours.rouge1).toBeGreaterThan(0.8 * lead.rouge1);
  });
});

test("ROUGE as in the paper's example", () => {
  const reference = ["police killed the gunman"];
  expect(rouge(["police kill the gunman"], reference, "en")).toEqual({ rouge1: 0.75, rouge2: expect.closeTo(1 / 3), rougeL: 0.75 });
  expect(rouge(["the gunman kill police"], reference, "en")).toEqual({ rouge1: 0.75, rouge2: expect.closeTo(1 / 3), rougeL: 0.5 });
  expect(rouge(["w1 w2 w6 w7 w8", "w1 w3 w8 w9 w5"], ["w1 w2 w3 w4 w5"], "en").rougeL).toBeCloseTo((2 * 0.4 * 0.8) / 1.2);
  expect(rouge(["nothing alike"], reference, "en")).toEqual({ rouge1: 0, rouge2: 0, rougeL: 0 });
});

describe("summarise", () => {
  const news = summaryCases("en")[0]?.text ?? "";

  test("sentences keep their order and point into the text", async () => {
    const { sentences, sentencesTotal, text } = await summarise(news, "en", { sentences: 4 });
    expect(sentences).toHaveLength(4);
    expect(sentencesTotal).toBe(12);
    for (const { start, end, text: sentence } of sentences) expect(news.slice(start, end)).toBe(sentence);
    expect(sentences.map(({ start }) => start)).toEqual(sentences.map(({ start }) => start).sort((one, other) => one - other));
    expect(text).toBe(sentences.map((sentence) => sentence.text).join(" "));
    for (const { score } of sentences) expect(score).toBeGreaterThan(0);
  });

  test("a ratio counts the sentences of the text", async () => {
    expect((await summarise(news, "en", { ratio: 0.25, most: 200 })).sentences).toHaveLength(3);
    expect((await summarise(news, "en", { ratio: 0.0001, most: 200 })).sentences).toHaveLength(1);
    expect((await summarise(news, "en", { ratio: 1, most: 5 })).sentences).toHaveLength(5);
  });

  test("what is said twice is chosen once", async () => {
    const twice = "The old harbour bridge must be closed for repairs next winter.";
    const text = `${twice} ${twice} Ships will have to wait for the tide at the lock. ${twice} Fishermen want money for the harbour bridge delay.`;
    const { sentences } = await summarise(text, "en", { sentences: 3 });
    expect(new Set(sentences.map((sentence) => sentence.text)).size).toBe(3);
  });

  test("headings and lists are passed over where there are sentences, and taken where there are none", async () => {
    const mixed = `Annual report of the harbour\n\n- bridges and ferries and piers\n\n${news}`;
    for (const sentence of (await summarise(mixed, "en", { sentences: 5 })).sentences) expect(sentence.text).toMatch(/[.”"]$/);
    expect((await summarise("Bridges\nFerries\nPiers", "en", { sentences: 2 })).sentences).toHaveLength(2);
  });

  test("texts of other languages, and of none, are summarised as well as they can be", async () => {
    const chinese =
      "委员会同意在冬季之前重建旧桥。旧桥建于一八七一年，每天有九千辆车通过。检查人员发现旧桥有两处裂缝。天气很好。重建旧桥需要三年时间，费用由国家承担。";
    const { text, sentences } = await summarise(chinese, "zh", { sentences: 2 });
    expect(sentences).toHaveLength(2);
    expect(text).not.toContain("天气很好");
    expect(text).not.toContain(" ");
    expect((await summarise(news, "und", { sentences: 3 })).sentences).toHaveLength(3);
    expect((await summarise(news, "not a tag", { sentences: 3 })).sentences).toHaveLength(3);
  });

  test.each(["", " \n\t ", "…", "word", "\ud800 broken", "\0\0", "a.b.c. ".repeat(500)])("%j does no harm", async (text) => {
    const { sentences } = await summarise(text, "en", { sentences: 3 });
    expect(sentences.length).toBeLessThanOrEqual(3);
  });

  test.each([
    ["one letter", "a".repeat(1_000_000)],
    ["initials without end", "A. ".repeat(300_000)],
    ["line breaks", "\n".repeat(1_000_000)],
    ["spaces", `\n${" ".repeat(1_000_000)}`],
    ["marks", '."'.repeat(300_000)],
    ["one ideograph", "委".repeat(300_000)],
    ["accents on one letter", `a${"\u0301".repeat(1_000_000)}`],
    ["halves of characters", "\ud800".repeat(300_000)],
    ["as many sentences as can be", "委员会同意。".repeat(50_000)],
    ["no word twice", Array.from({ length: 100_000 }, (_, n) => `w${((n * 7919) % 1e6).toString(36)}`).join(" ")],
  ])("a text of %s is cut into pieces and done with", async (_, text) => {
    const { sentences } = await summarise(text, "en", { sentences: 3 });
    for (const { text: piece, start, end } of sentences) {
      expect(piece.length).toBeLessThanOrEqual(MAX_SENTENCE_CHARS);
      expect(text.slice(start, end)).toBe(piece);
    }
    const { keywords } = await findKeywords(text, { language: "en", max: 5 });
    expect(keywords.length).toBeLessThanOrEqual(5);
    expect(readabilityOf(text, "en")?.words ?? 0).toBeLessThanOrEqual(text.length);
  });

  test("five megabytes are ranked over a graph of bounded size, and the choice comes from the whole text", async () => {
    const filler = Array.from(
      { length: 40_000 },
      (_, n) => `Item ${n} of lot ${n % 977} was stored in hall ${n % 313} and later moved to ship ${n % 89}.`,
    );
    const news36 = summaryCases("en").map(({ text }) => text);
    const long = [...filler.slice(0, 20_000), ...news36, ...filler.slice(20_000)]
      .join("\n\n")
      .padEnd(5_000_000, "\nThe rest of the list is empty. ");
    const { sentences, sentencesTotal } = await summarise(long, "en", { sentences: 5 });
    expect(long.length).toBeGreaterThanOrEqual(5_000_000);
    expect(sentencesTotal).toBeGreaterThan(40_000);
    expect(sentences).toHaveLength(5);
    for (const { start, end, text } of sentences) expect(long.slice(start, end)).toBe(text);
  }, 180_000);
});
