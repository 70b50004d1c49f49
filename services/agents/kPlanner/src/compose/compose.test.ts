import { isKosError } from "@kos/klp";
import type { CapabilityShape, Finding } from "@kos/plan";
import { checkPlan } from "@kos/plan";
import { describe, expect, it } from "vitest";
import { callCost } from "./call-cost.ts";
import { catalogueOf, compose, SITE_CATALOGUE, type Sketch } from "./compose.fixture.ts";

function callsOf(given: unknown, want: unknown, catalogue?: ReadonlyMap<string, CapabilityShape>): readonly string[] {
  return compose(given, want, catalogue).graph.tasks.map((task) => task.capability);
}

function failure(given: unknown, want: unknown, catalogue?: ReadonlyMap<string, CapabilityShape>) {
  try {
    compose(given, want, catalogue);
  } catch (error) {
    if (isKosError(error)) return { code: error.code, message: error.message, details: error.details ?? {} };
    throw error;
  }
  throw new Error("expected an error");
}

describe("a composed plan", () => {
  it("[K11] leads from what is given to what is wanted, by references from task to task", () => {
    const { graph } = compose({ url: "https://example.org/" }, "report");
    expect(graph).toEqual({
      goal: "From url to report.files",
      strategy: "composed",
      tasks: [
        { task_id: "fetch", title: "Do web.fetch", capability: "web.fetch", params: { url: "https://example.org/" }, depends_on: [] },
        { task_id: "extract", title: "Do web.extract", capability: "web.extract", params: { page: "${fetch}" }, depends_on: [] },
        {
          task_id: "render",
          title: "Do report.render",
          capability: "report.render",
          params: { title: "${extract.title}", markdown: "${extract.markdown}" },
          depends_on: [],
        },
      ],
      output: "${render}",
    });
    expect(checkPlan(graph, SITE_CATALOGUE).findings).toEqual([]);
  });

  it("[K11] gives a member of an output, when that is what has the word", () => {
    expect(compose({ url: "https://example.org/" }, "markdown").graph.output).toBe("${extract.markdown}");
  });

  it("[K11] takes the alternative of an input that is there", () => {
    const { graph } = compose({ artifact: `sha256:${"0".repeat(64)}` }, "markdown");
    expect(graph.tasks[0]).toMatchObject({ capability: "doc.extract", params: { artifact: `sha256:${"0".repeat(64)}` } });
    expect(Object.keys(compose({ path: "/x" }, "markdown").graph.tasks[0]?.params ?? {})).toEqual(["path"]);
  });

  it("[K11] takes values literally: nothing in them is a reference", () => {
    const { graph } = compose({ url: "https://example.org/${fetch}" }, "page");
    expect(graph.tasks[0]?.params).toEqual({ url: "https://example.org/$${fetch}" });
  });

  it("[K11] puts in what is given by name, where it fits", () => {
    expect(compose({ url: "https://x.org/", name: "page" }, "report").graph.tasks[2]?.params).toMatchObject({ name: "page" });
    expect(callsOf({ url: "https://x.org/", pages: "12" }, "site")).toEqual(["web.crawl"]);
    const typed = { title: { type: "text.plain", value: "not a title" }, url: "https://x.org/" };
    expect(compose(typed, "report").graph.tasks[2]?.params).toMatchObject({ title: "${extract.title}" });
  });

  it("[K11] never fills two members of one word with one value", () => {
    const given = { before: { type: "text.plain", value: "a" }, after: { type: "text.plain", value: "b" } };
    expect(compose(given, "diff").graph.tasks[0]?.params).toEqual({ before: "a", after: "b" });
    expect(compose({ after: "b", text: "a" }, "diff").graph.tasks[0]?.params).toEqual({ before: "a", after: "b" });
    expect(failure({ text: "a" }, "diff").message).toContain("diff.text needs diff.text.after");
  });

  it("[K11] fills an optional member by itself only when that costs nothing", () => {
    const { graph, explanation } = compose({ path: "/x.csv" }, "profile-report");
    expect(graph.tasks.map((task) => task.capability)).toEqual(["data.profile", "report.from_profile", "report.render"]);
    expect(graph.tasks[2]?.params).toMatchObject({ charts: "${profile.charts}" });
    expect(explanation.tasks[2]?.why).toContain("takes along what is there anyway: charts from profile");
    expect(compose({ path: "/x" }, "report").graph.tasks.map((task) => task.capability)).toEqual(["doc.extract", "report.render"]);
  });

  it("[K11] goes through the type that is asked for, and without what is not wanted", () => {
    expect(callsOf({ path: "/x" }, { type: "report.files", through: "text.summary" }, withSummaryReport)).toEqual([
      "doc.extract",
      "text.summarize",
      "report.from_summary",
      "report.render",
    ]);
    expect(callsOf({ path: "/x" }, { type: "summary", without: ["text.summarize"] })).toEqual(["doc.extract", "model.summarize"]);
  });

  it("[K11] fills a whole input with a whole output, member by member", () => {
    const catalogue = catalogueOf({
      "a.make": { takes: { url: "url" }, gives: { title: "", body: "", "more?": "" }, whole: "thing.parts" },
      "b.render": { takes: { title: "", body: "", "more?": "", "name?": "" }, input: "thing.parts", gives: {}, whole: "thing.files" },
    });
    const { graph } = compose({ url: "u", name: "n" }, "thing.files", catalogue);
    expect(graph.tasks[1]?.params).toEqual({ title: "${make.title}", body: "${make.body}", name: "n" });
  });

  it("[K11] uses the schema's default for a required member that nobody gave", () => {
    const catalogue = catalogueOf({
      "a.make": { takes: { url: "url", depth: "" }, defaults: { depth: "${2}" }, gives: {}, whole: "thing" },
    });
    expect(compose({ url: "u" }, "thing", catalogue).graph.tasks[0]?.params).toEqual({ url: "u", depth: "$${2}" });
    expect(compose({ url: "u", depth: "3" }, "thing", catalogue).graph.tasks[0]?.params).toEqual({ url: "u", depth: "3" });
  });

  it("[K12] does not depend on the order of the catalogue", () => {
    const backwards = new Map([...SITE_CATALOGUE].reverse());
    for (const want of ["report", "summary", "profile-report", "markdown"]) {
      const given = { path: "/x" };
      expect(compose(given, want, backwards).graph).toEqual(compose(given, want).graph);
    }
  });

  it("[K12] prefers fewer effects, shorter limits and lower costs", () => {
    const one = { takes: { url: "url" }, gives: {}, whole: "thing" } satisfies Sketch;
    const better = (left: Sketch, right: Sketch) => callsOf({ url: "u" }, "thing", catalogueOf({ "a.dear": left, "b.cheap": right }));
    expect(better({ ...one, effects: ["net.read"] }, one)).toEqual(["b.cheap"]);
    expect(better({ ...one, effects: ["exec"] }, { ...one, effects: ["net.read", "fs.read"] })).toEqual(["b.cheap"]);
    expect(better({ ...one, timeoutMs: 7_200_000 }, one)).toEqual(["b.cheap"]);
    expect(better({ ...one, cost: 2 }, one)).toEqual(["b.cheap"]);
    expect(better({ ...one, effects: ["some.future"] }, { ...one, effects: ["net.read"] })).toEqual(["b.cheap"]);
    expect(better(one, one)).toEqual(["a.dear"]);
  });

  it("[K14] explains each task, and what was passed over at which cost", () => {
    const { explanation } = compose({ url: "https://example.org/" }, "summary");
    expect(explanation).toMatchObject({ want: "text.summary", proven: true, cost: explanation.cost_at_least, unused: [] });
    expect(explanation.tasks.map(({ task_id, why }) => [task_id, why])).toEqual([
      ["fetch", "gives web.page for extract; takes the given url"],
      ["extract", "gives text.markdown for summarize"],
      ["summarize", "gives text.summary, which is wanted"],
    ]);
    const model = (capability: string) => callCost(SITE_CATALOGUE.get(capability) as CapabilityShape);
    expect(explanation.tasks[2]?.instead_of).toEqual([
      {
        capability: "model.summarize",
        gives: "text.summary",
        plan_cost: explanation.cost + model("model.summarize") - model("text.summarize"),
        proven: true,
      },
    ]);
  });

  it("[K12] prefers what is made for a file of that name, and takes the other where there is nothing else", () => {
    const files = (kinds: readonly string[]) => ({ path: { type: "string", "x-kos-files": kinds } });
    const catalogue = catalogueOf({
      "a.page": { takes: { path: "fs.path" }, gives: {}, whole: "thing", types: files(["html", "htm"]) },
      "b.table": { takes: { path: "fs.path" }, gives: {}, whole: "thing", types: files(["csv", "csv.gz"]), cost: 2 },
    });
    const chosen = (path: string) => callsOf({ path }, "thing", catalogue)[0];
    expect(chosen("/x/page.HTML")).toBe("a.page");
    expect(chosen("/x/table.csv")).toBe("b.table");
    expect(chosen("/x.html/table.csv.gz")).toBe("b.table");
    expect(chosen("/x/.csv")).toBe("a.page");
    expect(chosen("/x/README")).toBe("a.page");
    const { explanation } = compose({ path: "/x/notes.pdf" }, "thing", catalogue);
    expect(explanation.tasks[0]?.why).toBe(
      "gives thing, which is wanted; takes the given path; though by its name the file is of another kind",
    );
    expect(explanation.cost).toBe(50 + callCost(catalogue.get("a.page") as CapabilityShape));
  });

  it("[K11] goes each way through alternatives that are nested", () => {
    const shape = (more: object): CapabilityShape => {
      const [made] = catalogueOf({
        "a.diff": {
          takes: { "l?": "text.plain", "lh?": "artifact.hash", "r?": "text.html", "rh?": "artifact.hash" },
          gives: {},
          whole: "d",
        },
      }).values();
      return { ...(made as CapabilityShape), input: { ...((made as CapabilityShape).input as object), ...more } };
    };
    const either = (...names: readonly string[]) => ({ anyOf: names.map((name) => ({ required: [name] })) });
    const catalogue = new Map([["a.diff", shape({ allOf: [either("l", "lh"), either("r", "rh")] })]]);
    const html = { type: "text.html", value: "<p>" };
    expect(compose({ text: "a", html }, "d", catalogue).graph.tasks[0]?.params).toEqual({ l: "a", r: "<p>" });
    const hash = `sha256:${"1".repeat(64)}`;
    expect(compose({ text: "a", hash }, "d", catalogue).graph.tasks[0]?.params).toEqual({ l: "a", rh: hash });
    expect(failure({ text: "a" }, "d", catalogue).message).toContain("a.diff needs");
  });

  it("[K17] never reads what only an address that some capability gives leads to", () => {
    const catalogue = new Map([
      ...SITE_CATALOGUE,
      ...catalogueOf({
        "a.store": { takes: { path: "fs.path" }, gives: { hash: "artifact.hash", copy: "fs.path" } },
        "b.read": { takes: { artifact: "artifact.hash" }, gives: {}, whole: "thing" },
        "c.note": { takes: { markdown: "text.markdown", "artifact?": "artifact.hash" }, gives: {}, whole: "note" },
      }),
    ]);
    expect(failure({ path: "/x" }, "thing", catalogue).message).toContain("--given artifact=…");
    expect(callsOf({ path: "/x" }, { type: "artifact.hash" }, catalogue)).toEqual(["a.store"]);
    expect(callsOf({ artifact: "sha256:1" }, "thing", catalogue)).toEqual(["b.read"]);
    expect(compose({ path: "/x" }, "note", catalogue).graph.tasks.at(-1)?.params).toEqual({ markdown: "${extract.markdown}" });
  });

  it("[K14] says what was given and not used", () => {
    const { explanation, notes } = compose({ url: "https://example.org/", path: "/x" }, "page");
    expect(explanation.unused).toEqual(["path"]);
    expect(notes).toEqual(["Given, but not used: path."]);
  });

  it("[K15] says what is missing where nothing leads to what is wanted", () => {
    const problem = failure({ text: "hello" }, "report");
    expect(problem.code).toBe("BAD_REQUEST");
    expect(problem.message).toContain("Nothing leads from text to report.files.");
    expect(problem.details).toMatchObject({ want: "report.files", makers: ["report.render"], reachable: [] });
    expect(problem.details["missing"]).toEqual([{ what: "fs.path", for: ["doc.extract"], give: "--given path=…" }]);
    const crawl = failure({ url: "https://x.org/" }, "site");
    expect(crawl.message).toContain("web.crawl needs web.crawl.pages, which has to be given by its name.");
    expect(crawl.details).toMatchObject({ reachable: expect.arrayContaining(["text.markdown", "report.files"]) });
    expect(
      failure({ url: "https://x.org/" }, "sentences", catalogueOf({ "a.take": { takes: { s: "sentences" }, gives: { u: "url" } } }))
        .message,
    ).toContain("No capability gives sentences; one that does would help.");
  });

  it.each([
    [{ ur: "x" }, "report", "$.given.ur", /"ur" is neither/, /"url"/],
    [{ "../x": "x" }, "report", '$.given["../x"]', /no name/, /./],
    [{ url: null }, "report", "$.given.url", /nothing is given/, /./],
    ["url", "report", "$.given", /no object/, /./],
    [{ x: { type: "no.such", value: 1 } }, "report", "$.given.x.type", /"no.such"/, /There are/],
    [{ url: "x" }, "reprot", "$.want", /"reprot"/, /"report"/],
    [{ url: "x" }, 7, "$.want", /no word/, /report, summary/],
    [{ url: "x" }, { type: "report", trough: "x" }, "$.want.trough", /no "trough"/, /through/],
    [{ url: "x" }, { type: "report", through: "no.such" }, "$.want.through", /no type/, /./],
    [{ url: "x" }, { type: "report", without: ["web.ftech"] }, "$.want.without", /"web.ftech"/, /web.fetch/],
  ])("[K15] refuses %j, %j with the place", (given, want, path, message, hint) => {
    const { code, details } = failure(given, want);
    const [finding] = details["findings"] as readonly Finding[];
    expect(code).toBe("BAD_REQUEST");
    expect(finding).toMatchObject({ code: "BAD_PARAM", severity: "error", path });
    expect(finding?.message).toMatch(message);
    expect(finding?.hint).toMatch(hint);
  });

  it("[K15] refuses to plan for what is given already", () => {
    expect(failure({ url: "x" }, "url").message).toContain("is what is given already");
  });

  it("[K16] leaves out a capability whose values do not fit where its words say they would", () => {
    const catalogue = catalogueOf({
      "a.liar": { takes: { url: "url" }, gives: { n: "thing.name" }, types: { n: { type: "integer" } } },
      "b.honest": { takes: { url: "url" }, gives: { n: "thing.name" }, cost: 5 },
      "c.use": { takes: { name: "thing.name" }, gives: {}, whole: "thing" },
    });
    const { graph, notes } = compose({ url: "u" }, "thing", catalogue);
    expect(graph.tasks.map((task) => task.capability)).toEqual(["b.honest", "c.use"]);
    expect(notes[0]).toContain("a.liar was left out");
  });
});

const withSummaryReport = new Map([
  ...SITE_CATALOGUE,
  ...catalogueOf({
    "report.from_summary": {
      takes: { summary: "text.summary" },
      gives: { markdown: "text.markdown", title: "text.title" },
      types: { summary: { type: "object" } },
    },
  }),
]);
