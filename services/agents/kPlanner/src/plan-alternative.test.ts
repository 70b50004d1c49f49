import { describe, expect, it } from "vitest";
import { catalogueOf, SITE_CATALOGUE, type Sketch } from "./compose/compose.fixture.ts";
import { findAlternative } from "./plan-alternative.ts";

const page = { takes: { url: "url" }, gives: { markdown: "text.markdown" }, whole: "web.text" } satisfies Sketch;

describe("another way", () => {
  it("[K22] gives the same type from the same inputs, without what was tried", () => {
    const params = { text: "${extract.markdown}" };
    const asked = { capability: "model.summarize", params, without: ["model.summarize"], members: [], prefix: "sum_alt_" };
    expect(findAlternative(asked, SITE_CATALOGUE)).toEqual({ capability: "text.summarize", params, steps: [] });
  });

  it("[K22] may take several steps, whose ids meet none of the plan's", () => {
    const catalogue = new Map([
      ...SITE_CATALOGUE,
      ...catalogueOf({ "site.text": page, "doc.text": { ...page, takes: { page: "web.page" }, types: { page: {} } } }),
    ]);
    const params = { url: "https://example.org/$${x}" };
    expect(findAlternative({ capability: "site.text", params, without: [], members: ["markdown"], prefix: "a_alt_" }, catalogue)).toEqual({
      capability: "doc.text",
      params: { page: "${a_alt_fetch}" },
      steps: [{ task_id: "a_alt_fetch", title: "Do web.fetch", capability: "web.fetch", params, depends_on: [] }],
    });
  });

  it("[K22] keeps every member that the rest of the plan reads", () => {
    const catalogue = catalogueOf({
      "a.full": page,
      "b.part": { ...page, gives: {} },
      "c.inside": { takes: { url: "url" }, gives: { inner: "web.text" } },
      "d.full": { ...page, cost: 9 },
    });
    const asked = { capability: "a.full", params: { url: "u" }, without: [], members: ["markdown"], prefix: "p_" };
    expect(findAlternative(asked, catalogue).capability).toBe("d.full");
    expect(() => findAlternative({ ...asked, without: ["d.full"] }, catalogue)).toThrow(
      "b.part and c.inside would give web.text, but not always with markdown, as the plan needs it.",
    );
    expect(findAlternative({ ...asked, without: ["d.full"], members: [] }, catalogue).capability).toBe("b.part");
  });

  it("[K22] is refused where nothing says what the call gives", () => {
    const catalogue = catalogueOf({ "a.plain": { takes: { url: "url" }, gives: { x: "" } } });
    expect(() => findAlternative({ capability: "a.plain", params: {}, without: [], members: [], prefix: "p_" }, catalogue)).toThrow(
      /no type as a whole/,
    );
    expect(() => findAlternative({ capability: "no.such", params: {}, without: [], members: [], prefix: "p_" }, catalogue)).toThrow(
      /No agent offers/,
    );
  });
});
