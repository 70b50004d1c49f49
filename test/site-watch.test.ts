// The playbook site-watch: a first look, a look at an unchanged site, and looks after known changes, each with the output of the last; by hand,
// and by a schedule, which hands it over itself.

import { expect, test } from "vitest";
import { servedSite } from "./support/faulty-site.fixture.ts";
import { kai } from "./support/kai.fixture.ts";
import { runningNode } from "./support/node.fixture.ts";
import { artifactNamed, ended, submit } from "./support/plan.fixture.ts";

interface Changes {
  readonly previous_at: string | null;
  readonly added: readonly { url: string; title: string }[];
  readonly removed: readonly { url: string; title: string }[];
  readonly changed: readonly {
    url: string;
    title_before: string;
    title_after: string;
    added_lines: number;
    removed_lines: number;
    diff: string;
  }[];
  readonly unchanged_total: number;
}

const page = (title: string, text: string, ...links: readonly string[]) =>
  `<!doctype html><title>${title}</title><nav>${links.map((link) => `<a href="${link}">${link}</a>`).join(" ")}</nav>${text}<footer>Served at ${Math.random()}</footer>`;
const filler =
  "<p>A paragraph that stays as it is, long enough to be the content of a page and nothing else, whatever happens around it in the meantime. It goes on for a while.</p>";

/** A site whose pages are changed between the looks. */
const changingSite = (pages: ReadonlyMap<string, string>) =>
  servedSite((request, response) => {
    const html = pages.get(request.url ?? "");
    response.writeHead(html === undefined ? 404 : 200, { "content-type": "text/html; charset=utf-8" }).end(html);
  });

test("[R95] site-watch says what came, went and changed since the last look, and nothing else", async () => {
  const pages = new Map<string, string>();
  await using site = await changingSite(pages);
  await using node = await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: site.host } });
  const look = async (previous: unknown) => {
    const { plan_id } = await submit(node, {
      playbook: "site-watch",
      params: { url: site.url, ...(previous !== null && { previous }), ignore: ["Visitors:"] },
    });
    const view = await ended(node, plan_id);
    expect(view.plan.status, JSON.stringify(view.tasks.map(({ task_id, error }) => ({ task_id, error })))).toBe("succeeded");
    const text = async (name: string) => (await artifactNamed(node, plan_id, name)).toString("utf8");
    return {
      output: view.output as Readonly<Record<string, unknown>>,
      json: JSON.parse(await text("changes.json")) as Changes,
      html: await text("changes.html"),
    };
  };
  pages.set("/", page("Home", `${filler}<p>Visitors: 1</p><p>Open on Monday.</p>`, "/a", "/b", "/gone"));
  pages.set("/a", page("A", `${filler}<p>One.</p><p>Two.</p><p>Three.</p>`));
  pages.set("/b", page("B", filler));
  pages.set("/gone", page("Going", filler));
  const first = await look(null);
  expect(first.output).toMatchObject({ first: true, changed: false, pages_total: 4 });
  expect(first.json).toMatchObject({ previous_at: null, added: [], removed: [], changed: [] });

  pages.set("/", page("Home", `${filler}<p>Visitors: 2</p><p>Open on Monday.</p>`, "/b", "/a", "/gone"));
  const second = await look(first.output);
  expect(second.output).toMatchObject({ first: false, changed: false, pages_total: 4 });
  expect(second.json).toMatchObject({ added: [], removed: [], changed: [], unchanged_total: 4 });

  pages.set(
    "/",
    page("Home", `${filler}<p>Open on Tuesday.</p><script>alert(1)</script><p>&lt;img src=x onerror=alert(1)&gt;</p>`, "/a", "/b", "/new"),
  );
  pages.set("/a", page("A, revised", `${filler}<p>One.</p><p>Three.</p>`));
  pages.set("/new", page("<b>New</b>", filler));
  pages.delete("/gone");
  const third = await look(second.output);
  expect(third.output).toMatchObject({ first: false, changed: true, added_total: 1, removed_total: 1, changed_total: 2 });
  const path = (url: string) => url.replace(site.url, "");
  expect(third.json.added.map(({ url, title }) => [path(url), title])).toEqual([["/new", "<b>New</b>"]]);
  expect(third.json.removed.map(({ url, title }) => [path(url), title])).toEqual([["/gone", "Going"]]);
  expect(
    third.json.changed.map(({ url, title_after, added_lines, removed_lines }) => [path(url), title_after, added_lines, removed_lines]),
  ).toEqual([
    ["/", "Home", 2, 1],
    ["/a", "A, revised", 0, 1],
  ]);
  expect(third.json.changed[0]?.diff).toContain("-Open on Monday.\n+Open on Tuesday.");
  expect(third.json.unchanged_total).toBe(1);
  expect(third.html).toContain("Open on Tuesday");
  expect(third.html).not.toMatch(/<script|<img/);
});

test("site-watch on a schedule names what changed since the run before", async () => {
  const pages = new Map([
    ["/", page("Home", `${filler}<p>Open on Monday.</p>`, "/a")],
    ["/a", page("A", filler)],
  ]);
  await using site = await changingSite(pages);
  await using node = await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: site.host } });
  const said = async (...args: readonly string[]) => {
    const { code, stderr, json } = await kai([...args, "--json"], { data: node.data });
    expect(code, stderr).toBe(0);
    return json[0] ?? {};
  };
  // Its own due times are far away: what is looked at is looked at when the test says so.
  const id = String((await said("run", "site-watch", "--url", site.url, "--every", "365d"))["schedule_id"]);
  const look = async () => {
    const planId = String((await said("schedules", "run-now", id))["plan_id"]);
    const view = await ended(node, planId);
    expect(view.plan.status, JSON.stringify(view.tasks.map(({ task_id, error }) => ({ task_id, error })))).toBe("succeeded");
    const text = async (name: string) => (await artifactNamed(node, planId, name)).toString("utf8");
    return { output: view.output, changes: JSON.parse(await text("changes.json")) as Changes, report: await text("changes.md") };
  };
  expect((await look()).output).toMatchObject({ first: true, changed: false, pages_total: 2 });

  pages.set("/", page("Home", `${filler}<p>Open on Tuesday.</p>`, "/a", "/new"));
  pages.set("/new", page("New", filler));
  const second = await look();
  expect(second.output).toMatchObject({ first: false, changed: true, added_total: 1, changed_total: 1, removed_total: 0 });
  expect(second.changes.added).toEqual([{ url: `${site.url}/new`, title: "New" }]);
  expect(second.changes.changed[0]?.diff).toContain("-Open on Monday.\n+Open on Tuesday.");
  for (const named of ["/new", "Open on Tuesday"]) expect(second.report).toContain(named);

  pages.delete("/a");
  pages.set("/", page("Home", `${filler}<p>Open on Tuesday.</p>`, "/new"));
  expect((await look()).changes).toMatchObject({ added: [], removed: [{ url: `${site.url}/a`, title: "A" }], changed: [] });
  const { runs } = await node.client.call("schedule", { params: { schedule_id: id } });
  expect(runs.map(({ run, cause, status, notes }) => [run, cause, status, notes])).toEqual(
    [3, 2, 1].map((run) => [run, "person", "succeeded", []]),
  );
});
