// The main job in the web console, from the login link to the verified evidence, by keyboard alone and with a mouse.
// needs: chromium

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complaints, goTo, hasFocus, loginLink, type OpenConsole, openConsole, signedInPage, stateOf } from "./support/console.fixture.ts";
import { plan, run, step, submitPlan, until, write } from "./support/plan.fixture.ts";
import { serviceRepository } from "./support/repository.fixture.ts";

const missing = (process.env["KOS_TEST_MISSING"] ?? "").split(",");

describe.skipIf(missing.includes("chromium"))("the console", () => {
  let open: OpenConsole;

  beforeAll(async () => {
    open = await openConsole();
    serviceRepository(join(open.folder, "service"));
  });

  afterAll(async () => {
    await open?.[Symbol.asyncDispose]();
  });

  test("[R9] the main job by keyboard alone: sign in, choose, fill in, start, watch, read, verify; nothing leaves, no policy is broken", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const { token } = await page.evaluate<{ token: string }>("({ token: sessionStorage.getItem('kos.session') })");

    await press(page, "link", "Report on a code base");
    await page.getByRole("heading", { name: "Report on a code base" }).waitFor();
    await tabTo(page, "textbox", "Folder");
    await page.keyboard.type(join(open.folder, "service"));
    await press(page, "button", "Start");
    await stateOf(page).getByText("succeeded").waitFor();

    const nodes = page.getByRole("group", { name: /plan as a graph/ }).getByRole("button");
    expect(await nodes.count()).toBe(6);
    await tabTo(page, "button", /Count the files with git/);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Task" }).getByRole("heading", { name: "List the files" }).waitFor();

    await page.keyboard.press("Alt+o");
    const report = page.frameLocator("iframe[title='Preview of report.html']");
    await report.getByRole("heading", { name: "Summary" }).waitFor();
    expect(await page.getByRole("definition").first().textContent()).toBe("service");

    await page.keyboard.press("Alt+v");
    await press(page, "button", "Verify in this browser");
    await page.getByText("The evidence holds.").waitFor();
    expect(await page.getByRole("list", { name: "Checks" }).locator("[data-passed='true']").count()).toBe(12);

    const origins = new Set(profile.requests.map((address) => new URL(address).origin));
    const { content_origin: contentOrigin } = JSON.parse(readFileSync(join(open.node.data, "node.json"), "utf8")) as {
      content_origin: string;
    };
    expect([...origins].toSorted()).toEqual([contentOrigin, open.node.url].toSorted());
    expect(new URL(contentOrigin).hostname).not.toBe(new URL(open.node.url).hostname);
    expect(profile.requests.join(" ")).not.toContain(token);
    expect(complaints(profile)).toEqual([]);
  });

  test("[R62] a byte that was changed is found in the browser, and the item it is in is named", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const { plan_id } = (await run(open.node, plan([write("one", "first"), write("two", "second")]))).plan;
    await goTo(page, `#/runs/${plan_id}/evidence`);
    await page.getByRole("button", { name: "Verify in this browser" }).click();
    await page.getByText("The evidence holds.").waitFor();
    for (let round = 0; round < 3; round += 1) {
      await page.getByRole("button", { name: "Change one byte and check again" }).click();
      await page.getByText(/^Byte [\d,]+ was changed/).waitFor();
      await page.getByText("The evidence does not hold.").waitFor();
      expect(
        await page
          .getByText(/^Wrong:/)
          .locator("code")
          .count(),
      ).toBeGreaterThan(0);
      expect(await page.getByRole("list", { name: "Checks" }).locator("[data-passed='false']").count()).toBeGreaterThan(0);
    }
    // The key of another node is not what this file was signed with.
    await page.getByLabel("The key I was told").fill(`did:key:z6Mk${"a".repeat(44)}`);
    await page.getByRole("button", { name: "Verify in this browser" }).click();
    await page.getByText("Wrong: node").waitFor();
    await page.getByLabel("The key I was told").fill("nonsense");
    await page.getByText("A key looks like").waitFor();
    expect(await page.getByRole("button", { name: "Verify in this browser" }).isDisabled()).toBe(true);
  });

  test("a folder outside fs.roots is refused at its field, with the way to open it; wrong values are named beside theirs", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    await page.getByRole("link", { name: "Report on a code base" }).click();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("Folder is needed.").waitFor();
    const folder = page.getByRole("textbox", { name: "Folder" });
    expect(await hasFocus(folder)).toBe(true);
    await folder.fill("/etc");
    await page.getByText("More settings").click();
    await page.getByRole("textbox", { name: /Most files/ }).fill("0");
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("The node may not read this folder for the browser.").waitFor();
    await page.getByText("The least is 1.").waitFor();
    await page.getByText("npx kai run repo-report --path /etc").waitFor();
    expect(await folder.getAttribute("aria-invalid")).toBe("true");
    const described = ((await folder.getAttribute("aria-describedby")) ?? "").split(" ");
    const descriptions = await Promise.all(described.map((id) => page.locator(`[id="${id}"]`).textContent()));
    expect(descriptions.join(" ")).toContain("The node may not read this folder");
    // A reload keeps what was typed.
    await page.reload();
    expect(await page.getByRole("textbox", { name: "Folder" }).inputValue()).toBe("/etc");
  });

  test("what the node finds wrong with a parameter stands at its field", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    await page.getByRole("link", { name: "Report on a code base" }).click();
    await page.getByRole("textbox", { name: "Folder" }).fill(open.folder);
    await page.getByText("More settings").click();
    // What the page itself would not send: the node has the last word.
    await page.route("**/agent/task", (route) => {
      const body = route.request().postDataJSON() as { params: Record<string, unknown> };
      return route.continue({ postData: JSON.stringify({ ...body, params: { ...body.params, max_files: -1 } }) });
    });
    await page.getByRole("button", { name: "Start" }).click();
    const field = page.getByRole("textbox", { name: /Most files/ });
    await expect.poll(() => field.getAttribute("aria-invalid")).toBe("true");
    expect(await hasFocus(field)).toBe(true);
    await page.getByText("One field needs a look.").waitFor();
  });

  test("a reload in the middle keeps session, run and chosen task; the log goes on without a gap", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const { plan_id } = await submitPlan(
      open.node,
      plan([
        step("first", "flow.sleep", { ms: 1 }, { title: "First of all" }),
        step("ask", "human.ask", { question: "Go on?" }, { depends_on: ["first"] }),
      ]),
    );
    await until(open.node, plan_id, ({ inputs }) => inputs.length > 0);
    await goTo(page, `#/runs/${plan_id}?task=first`);
    await page.getByRole("complementary", { name: "Task" }).getByRole("heading", { name: "First of all" }).waitFor();
    await page.reload();
    await page.getByRole("complementary", { name: "Task" }).getByRole("heading", { name: "First of all" }).waitFor();
    await page.getByRole("link", { name: "Log" }).click();
    const numbers = page.getByRole("region", { name: "Events" }).getByRole("row").locator("td:first-child");
    await page.getByText("Asks: Go on?").waitFor();
    await page.getByRole("textbox", { name: "Answer" }).fill("yes");
    await page.getByRole("button", { name: "Answer" }).click();
    await stateOf(page).getByText("succeeded").waitFor();
    await page.getByText("The run has succeeded.").waitFor();
    const seen = (await numbers.allTextContents()).map(Number);
    expect(seen).toEqual(seen.map((_, place) => place + 1));
    expect(complaints(profile)).toEqual([]);
  });

  test("five hundred items stay one node with their count, and a plan of eighty like tasks stays readable", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const items = Array.from({ length: 500 }, (_, place) => place % 3);
    const many = await run(open.node, plan([step("each", "flow.sleep", { ms: "${item}" }, { title: "Rest for each", for_each: items })]));
    await goTo(page, `#/runs/${many.plan.plan_id}`);
    const graph = page.getByRole("group", { name: /plan as a graph/ });
    const node = graph.getByRole("button", { name: /Rest for each/ });
    await expect.poll(() => node.textContent()).toContain("500 of 500");
    expect(await graph.getByRole("button").count()).toBe(1);
    await node.click();
    await page.getByText("500 succeeded").waitFor();
    const wide = await run(open.node, plan(Array.from({ length: 80 }, (_, place) => step(`part${place}`, "flow.sleep", { ms: 1 }))));
    await goTo(page, `#/runs/${wide.plan.plan_id}`);
    await graph.getByRole("button", { name: /80 tasks: flow.sleep.*80 of 80/ }).waitFor();
    await page.getByRole("button", { name: "List" }).click();
    expect(await page.getByRole("list", { name: "Tasks" }).getByRole("button").count()).toBe(80);
  });

  test("addresses that name nothing say so: a page, a run; a run by another state is found in the list", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    await goTo(page, "#/no/such");
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await goTo(page, "#/runs/019a8c3e-7b1a-7000-8000-0000a1b2c3d4");
    await page.getByRole("alert").getByText("NOT_FOUND").waitFor();
    await goTo(page, "#/new/no-such-playbook");
    await page.getByRole("alert").getByText("NOT_FOUND").waitFor();
    const failing = plan([step("get", "http.request", { url: "http://127.0.0.1:1/" }, { title: "Fetch nothing" })], {
      goal: "fetch nothing at all",
    });
    const { plan_id } = (await run(open.node, failing)).plan;
    await goTo(page, "#/runs?status=failed");
    await page.getByRole("list", { name: "Runs" }).getByRole("link", { name: "fetch nothing at all" }).click();
    await page.getByRole("alert").getByText("The run has failed").waitFor();
    expect(page.url()).toContain(plan_id);
    await page.getByRole("link", { name: /Look at the task/ }).click();
    await page.getByText("Why it failed").waitFor();
    await goTo(page, `#/runs/${plan_id}/log`);
    await page.getByRole("region", { name: "Records" }).getByText("the call failed").first().waitFor();
  });

  test("the palette finds commands and runs them; the agents are shown with their state", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("agen");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Agents", exact: true }).waitFor();
    const bridge = page.getByRole("listitem").filter({ hasText: "kBridge:http" });
    await bridge.getByRole("button", { name: "Pause" }).click();
    await bridge.getByText("paused").waitFor();
    await bridge.getByRole("button", { name: "Resume" }).click();
    await bridge.getByText("ready").waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.press("Escape");
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.keyboard.press("Alt+2");
    await page.getByRole("heading", { name: "Runs" }).waitFor();
  });

  test("a schedule is listed with when it is due next, and is run, paused and removed", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    await goTo(page, "#/schedules");
    await page.getByText("Nothing runs by itself yet").waitFor();
    await open.node.client.call("createSchedule", {
      body: { name: "the yearly one", every: "@yearly", request: { plan: plan([write("one", 1)], { goal: "once a year" }) } },
    });
    await page.reload();
    const schedule = page.getByRole("list", { name: "Schedules" }).getByRole("listitem").first();
    await schedule.getByText("active").waitFor();
    await schedule.getByText("@yearly").waitFor();
    await schedule.getByRole("button", { name: "Run now" }).click();
    await schedule.getByText("succeeded").waitFor();
    await schedule.getByRole("button", { name: "Pause" }).click();
    await schedule.getByRole("button", { name: "Resume" }).waitFor();
    await schedule.getByRole("link").click();
    await page.getByRole("heading", { name: "once a year" }).waitFor();
    await page.keyboard.press("Alt+3");
    await schedule.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Keep it" }).click();
    await schedule.getByText("No run while it is paused").waitFor();
    await schedule.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove the schedule" }).click();
    await page.getByText("Nothing runs by itself yet").waitFor();
    expect(complaints(profile)).toEqual([]);
  });

  test("a playbook is put on a schedule by its form, with the keyboard alone, and the next times are seen before", async () => {
    await using profile = await open.browser.profile({ timezoneId: "Europe/Berlin" });
    const page = await signedInPage(open.node, profile);
    await goTo(page, "#/new/site-watch");
    await page.getByLabel("Address").focus();
    await page.keyboard.type("https://example.com/");
    await page.getByRole("radio", { name: "Now" }).focus();
    await page.keyboard.press("ArrowDown");
    await page.getByLabel("Date and time").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("button", { name: "Schedule" }).press("Enter");
    await page.getByText("Say how often it is to run.").waitFor();
    expect(await hasFocus(page.getByLabel("Rhythm"))).toBe(true);
    await page.keyboard.type("now and then");
    await page.getByText("is no cron pattern").waitFor();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("0 7 * * 1");
    const times = page.getByRole("status").filter({ hasText: "It runs next" }).getByRole("listitem");
    await times.first().waitFor();
    expect(await times.count()).toBe(5);
    for (const time of await times.allTextContents()) expect(time).toMatch(/^Mon, .*07:00.*GMT\+[12]$/);
    expect(await page.getByLabel("Time zone").inputValue()).toBe("Europe/Berlin");
    await page.getByLabel("If the run before still runs").selectOption("queue");
    await page.getByRole("button", { name: "Schedule" }).press("Enter");
    await page.getByRole("heading", { name: "Schedules" }).waitFor();
    const { items } = await open.node.client.call("schedules", {});
    expect(items).toMatchObject([
      {
        every: "0 7 * * 1",
        zone: "Europe/Berlin",
        missed: "once",
        overlap: "queue",
        request: { playbook: "site-watch", params: { url: "https://example.com/" } },
      },
    ]);
    await page.getByText(/Next run: Mon, .* 07:00/).waitFor();
    await page.getByRole("button", { name: "Remove" }).press("Enter");
    await page.getByRole("button", { name: "Remove the schedule" }).press("Enter");
    await page.getByText("Nothing runs by itself yet").waitFor();
    // The browser itself reports that the node refused the words that are no pattern.
    expect(complaints(profile).filter((line) => !line.includes("status of 400"))).toEqual([]);
  });

  test("[R3] [R22] a link signs in once; signing out ends the session on the node, and a reload does not bring it back", async () => {
    await using profile = await open.browser.profile();
    const link = await loginLink(open.node);
    const page = await profile.page();
    await page.goto(link);
    await page.getByRole("heading", { name: "What shall be done?" }).waitFor();
    expect(page.url()).not.toContain("ticket");
    const token = await page.evaluate<string>("sessionStorage.getItem('kos.session')");
    expect(await page.evaluate("localStorage.length + document.cookie.length")).toBe(0);
    expect(await page.evaluate("JSON.stringify(navigation.entries().map((entry) => entry.url))")).not.toMatch(/ticket=/);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("sign out");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await expect
      .poll(async () => (await fetch(`${open.node.url}/agent/status`, { headers: { authorization: `Bearer ${token}` } })).status)
      .toBe(401);
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goto(link);
    await page.getByRole("alert").getByText("used before").waitFor();
    await page.getByLabel("Or paste the link here").fill("not a link");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This is not a login link.").waitFor();
    await page.getByLabel("Or paste the link here").fill(await loginLink(open.node));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "What shall be done?" }).waitFor();
  });
});

const MOST_STOPS = 60;

/** Presses Tab until the focus is there; fails where it never comes. */
async function tabTo(page: Page, role: "link" | "button" | "textbox", name: string | RegExp): Promise<void> {
  const wanted = page.getByRole(role, { name }).first();
  await wanted.waitFor();
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    if (await hasFocus(wanted)) return;
    await page.keyboard.press("Tab");
    const outline = await page.evaluate<number>("parseFloat(getComputedStyle(document.activeElement).outlineWidth)");
    expect(outline, "the focus is seen").toBeGreaterThan(1);
  }
  throw new Error(`the Tab key never comes to the ${role} ${String(name)}`);
}

async function press(page: Page, role: "link" | "button", name: string | RegExp): Promise<void> {
  await tabTo(page, role, name);
  await page.keyboard.press("Enter");
}
