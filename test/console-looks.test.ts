// That everybody can use the web console: axe over every page, light and dark, wide and narrow; nothing wider than its window; less motion for
// those who ask for it.
// needs: chromium

import { join } from "node:path";
import axe, { type AxeResults } from "axe-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goTo, type OpenConsole, openConsole, signedInPage } from "./support/console.fixture.ts";
import { ended, plan, run, step, submit, submitPlan, until, write } from "./support/plan.fixture.ts";
import { serviceRepository } from "./support/repository.fixture.ts";

const missing = (process.env["KOS_TEST_MISSING"] ?? "").split(",");
/** What axe cannot tell by itself: text in boxes that scroll or lie over lines, and a frame of another origin, whose content is a run's own. */
const UNDECIDED = new Set(["color-contrast", "frame-tested"]);

/** Resolves when the page has changed nothing for a moment: axe takes several looks, and they must be at the same page. */
const STILL = `new Promise((resolve) => {
  let timer = setTimeout(end, 200);
  const watching = new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(end, 200);
  });
  watching.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  function end() {
    watching.disconnect();
    resolve();
  }
})`;

describe.skipIf(missing.includes("chromium"))("the console for everybody", () => {
  let open: OpenConsole;
  let pages: readonly string[];

  beforeAll(async () => {
    open = await openConsole();
    const path = join(open.folder, "service");
    serviceRepository(path);
    const report = await ended(open.node, (await submit(open.node, { playbook: "repo-report", params: { path } })).plan_id);
    const failed = await run(
      open.node,
      plan([step("get", "http.request", { url: "http://127.0.0.1:1/" }), write("x", 1, { depends_on: ["get"] })]),
    );
    const long = "a-very-long-name-without-any-spaces-in-it-".repeat(6);
    const asking = await submitPlan(
      open.node,
      plan([step("ask", "human.ask", { question: `Which? ${long}`, choices: ["one", long.slice(0, 90)] })], { goal: long }),
    );
    const gate = await submitPlan(open.node, plan([step("gate", "human.approve", { title: "Send it?", details: long })]));
    await until(open.node, asking.plan_id, ({ inputs }) => inputs.length > 0);
    await open.node.client.call("createSchedule", {
      body: { name: long.slice(0, 100), every: "@yearly", request: { plan: plan([write("one", 1)]) } },
    });
    const [one, two] = [report.plan.plan_id, failed.plan.plan_id];
    pages = [
      "#/",
      "#/new/repo-report",
      "#/runs",
      "#/runs?status=draft",
      "#/schedules",
      "#/agents",
      "#/verify",
      "#/nowhere",
      `#/runs/${one}?task=metrics`,
      `#/runs/${one}/log`,
      `#/runs/${one}/results`,
      `#/runs/${one}/evidence`,
      `#/runs/${two}?task=get`,
      `#/runs/${two}/log`,
      `#/runs/${asking.plan_id}`,
      `#/runs/${gate.plan_id}`,
    ];
  }, 180_000);

  afterAll(async () => {
    await open?.[Symbol.asyncDispose]();
  });

  test.each(["light", "dark"] as const)(
    "axe finds no fault, and nothing is wider than its window, in %s",
    async (colorScheme) => {
      await using profile = await open.browser.profile({ colorScheme, reducedMotion: "reduce" });
      const page = await profile.page();
      await page.addInitScript(axe.source);
      const check = async (what: string) => {
        for (const width of [1280, 360]) {
          await page.setViewportSize({ width, height: 800 });
          await page.evaluate(STILL);
          const { violations, incomplete } = await page.evaluate<AxeResults>("axe.run(document, { iframes: false })");
          const found = [...violations, ...incomplete.filter(({ id }) => !UNDECIDED.has(id))];
          expect(
            found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" ")}`),
            `${what}, ${width} wide`,
          ).toEqual([]);
          expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), `${what}, ${width} wide`).toBeLessThanOrEqual(0);
        }
      };
      await page.goto(open.node.url);
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await check("signed out");
      await page.goto((await open.node.client.call("loginLink", {})).url);
      await page.getByRole("heading", { name: "What shall be done?" }).waitFor();
      for (const hash of pages) {
        await goTo(page, hash);
        await page.getByRole("status").getByText("live").waitFor();
        await page.getByRole("heading", { level: 1 }).waitFor();
        await expect.poll(() => page.getByText(/^Loading/).count()).toBe(0);
        await check(hash);
      }
      await goTo(page, "#/new/site-watch");
      await page.getByRole("radio", { name: "Once, later" }).check();
      await check("the form of a run to come");
      await page.getByRole("radio", { name: "Again and again" }).check();
      await page.getByRole("button", { name: "on Mondays at 9" }).click();
      await page.getByText("It runs next").waitFor();
      await check("the form of a schedule");
      await goTo(page, "#/schedules");
      await page.getByRole("button", { name: "Remove" }).first().click();
      await check("the question before a schedule is removed");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await check("the palette");
    },
    300_000,
  );

  test("the colours follow the system, and the person when they say otherwise, also after a reload", async () => {
    await using profile = await open.browser.profile({ colorScheme: "dark" });
    const page = await signedInPage(open.node, profile);
    const isDark = () =>
      page.evaluate<boolean>(
        "getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).slice(0, 3).every((part) => part < 60)",
      );
    expect(await isDark()).toBe(true);
    await page.getByRole("button", { name: /^Colours/ }).click();
    expect(await isDark()).toBe(false);
    await page.reload();
    await page.getByRole("heading", { name: "What shall be done?" }).waitFor();
    expect(await isDark()).toBe(false);
    await page.emulateMedia({ colorScheme: "light" });
    await page.keyboard.press("Alt+l");
    expect(await isDark()).toBe(true);
  });

  test("nothing moves by itself for those who ask for less motion, and marks say their state without colour", async () => {
    await using profile = await open.browser.profile({ reducedMotion: "reduce", forcedColors: "active" });
    const page = await signedInPage(open.node, profile);
    const { plan_id } = await submitPlan(
      open.node,
      plan([step("long", "flow.sleep", { ms: 600_000 }), write("after", 1, { depends_on: ["long"] })]),
    );
    await goTo(page, `#/runs/${plan_id}`);
    await page.getByRole("button", { name: /long running/ }).waitFor();
    expect(await page.evaluate("document.getAnimations().filter((one) => one.playState === 'running').length")).toBe(0);
    await open.node.client.call("cancelPlan", { params: { plan_id }, body: {} });
  });

  test("a reader hears the way: landmarks, one heading of the first rank, the title of the page, and states when they change", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    for (const hash of pages.slice(0, 8)) {
      await goTo(page, hash);
      await page.getByRole("heading", { level: 1 }).waitFor();
      expect(await page.getByRole("heading", { level: 1 }).count(), hash).toBe(1);
      expect(await page.getByRole("main").count()).toBe(1);
      await expect.poll(() => page.title()).toMatch(/ · kOS$/);
    }
    await goTo(page, "#/runs");
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await page.getByRole("link", { name: "Agents" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Agents");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Find a command" }).waitFor();
    expect(await page.evaluate("document.activeElement.getAttribute('aria-activedescendant') !== null")).toBe(true);
  });
});
