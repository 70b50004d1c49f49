import fc from "fast-check";
import { expect, test } from "vitest";
import { createSentenceCutter, isWholeSentence } from "./sentences.ts";

const cut = (language: string, text: string) => createSentenceCutter(language)(text).map((sentence) => sentence.text);

test("abbreviations and initials do not end a sentence", () => {
  expect(cut("en", "Dr. Smith met Mr. J. Jones at noon. They spoke of figs, pears, etc. and left. Then it rained.")).toEqual([
    "Dr. Smith met Mr. J. Jones at noon.",
    "They spoke of figs, pears, etc. and left.",
    "Then it rained.",
  ]);
  expect(cut("de", "Am 3. Mai kam z. B. Dr. Müller. Im 19. Jahrhundert gab es ca. 5 Mio. Menschen. Das ist alles.")).toEqual([
    "Am 3. Mai kam z. B. Dr. Müller.",
    "Im 19. Jahrhundert gab es ca. 5 Mio. Menschen.",
    "Das ist alles.",
  ]);
  expect(cut("fr", "M. Faure et Mme. Petit sont venus. Ils ont vu l'art. 3 du code.")).toEqual([
    "M. Faure et Mme. Petit sont venus.",
    "Ils ont vu l'art. 3 du code.",
  ]);
});

test("a number at the end of a German sentence ends it", () => {
  expect(cut("de", "Es waren nur 12. Dann gingen alle.")).toEqual(["Es waren nur 12.", "Dann gingen alle."]);
});

test("wrapped lines are one sentence, lines of their own are not", () => {
  const wrapped = "The council decided on Tuesday night that the bridge\nshould be closed to lorries. Cars may still\nuse it.";
  expect(cut("en", wrapped)).toEqual([
    "The council decided on Tuesday night that the bridge should be closed to lorries.",
    "Cars may still use it.",
  ]);
  expect(cut("en", "Contents\nBridges\nFerries\n\nThe ferry sails at nine.")).toEqual([
    "Contents",
    "Bridges",
    "Ferries",
    "The ferry sails at nine.",
  ]);
  expect(cut("en", "What is needed for the crossing, in the order of its importance\n- a boat\n- a rope")).toHaveLength(3);
});

test("Chinese and Japanese sentences are found without spaces", () => {
  expect(cut("zh", "委员会同意重建新桥。交通量翻了一番！为什么？")).toHaveLength(3);
  expect(cut("ja", "電車は九時半に出ます。店は閉まっています。")).toHaveLength(2);
});

test("offsets point at the sentence in the text, whatever the text", () => {
  const pieces = fc.constantFrom("A word", " and more", ". ", "! ", "\n", "\n\n", "Dr. ", "3. ", "😀", "é", "、", "。", "- ", "\r\n", "  ");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), fc.constantFrom("en", "de", "zh", "xx"), (parts, language) => {
      const text = parts.join("");
      let last = 0;
      for (const { start, end, text: sentence } of createSentenceCutter(language)(text)) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(text.slice(start, end).replace(/\n/g, " ")).toBe(sentence.replace(/\n/g, " "));
        last = end;
      }
    }),
  );
});

test("headings, list items and table rows are no whole sentences", () => {
  expect(["It rained.", "「雨だ。」", "Why?", "He said “no.”"].map(isWholeSentence)).toEqual([true, true, true, true]);
  expect(["Results", "- A point.", "| a | b |", "1. First.", "# Title."].map(isWholeSentence)).toEqual([false, false, false, false, false]);
});
