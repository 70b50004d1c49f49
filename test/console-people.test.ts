// What waits for a person, in the web console: approve, deny, answer, cancel, pause, retry, settle a doubt; and a node that goes away.
// needs: chromium

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { childrenOf } from "./support/child.fixture.ts";
import { complaints, goTo, type OpenConsole, openConsole, signedInPage, stateOf } from "./support/console.fixture.ts";
import { runningNode } from "./support/node.fixture.ts";
import { outside } from "./support/outside.fixture.ts";
import { ended, eventsOf, plan, step, submit, submitPlan, taskOf, until, write } from "./support/plan.fixture.ts";

const missing = (process.env["KOS_TEST_MISSING"] ?? "").split(",");

describe.skipIf(missing.includes("chromium"))("a person in the console", () => {
  let open: OpenConsole;

  beforeAll(async () => {
    open = await openConsole();
  });

  afterAll(async () => {
    await open?.[Symbol.asyncDispose]();
  });

  test("[R100] approves a whole plan after having seen it, with a reason that is kept", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const { plan_id } = await submit(open.node, { plan: plan([write("one", 1)], { goal: "needs a yes" }), approval: true });
    // It appears without being looked for.
    await page.getByRole("region", { name: "Waiting for you" }).getByRole("link", { name: "needs a yes" }).click();
    await page.getByText("The plan waits for your approval").waitFor();
    await page.keyboard.press("Alt+w");
    expect(await page.evaluate("document.activeElement.id")).toBe("waiting-for-you");
    await page.getByRole("textbox", { name: /Reason/ }).fill("it is only one");
    await page.getByRole("button", { name: "Approve" }).click();
    await stateOf(page).getByText("succeeded").waitFor();
    const decided = (await eventsOf(open.node, plan_id)).find(({ type }) => type === "approval.decided");
    expect(decided?.payload).toMatchObject({ decision: "approved", reason: "it is only one", by: "person:owner" });
    expect(complaints(profile)).toEqual([]);
  });

  test("[R100] denies a call after having read what it would do", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const gate = step("gate", "human.approve", { title: "Publish the list?", details: "twelve names" });
    const { plan_id } = await submitPlan(open.node, plan([gate, write("list", "x", { depends_on: ["gate"] })]));
    await goTo(page, `#/runs/${plan_id}`);
    await page.getByRole("heading", { name: "Publish the list?" }).waitFor();
    expect(await page.getByRole("region", { name: "What would be called" }).textContent()).toContain("twelve names");
    await page.getByRole("button", { name: "Deny" }).click();
    await stateOf(page).getByText("failed").waitFor();
    expect(taskOf(await ended(open.node, plan_id), "list").status).toBe("cancelled");
  });

  test("answers a question by its choices, and one with a form of its own", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const schema = {
      type: "object",
      properties: { copies: { type: "integer", minimum: 1, title: "Copies" }, gloss: { type: "boolean", title: "Glossy" } },
      required: ["copies"],
      additionalProperties: false,
    };
    const colour = step("colour", "human.ask", { question: "Which colour?", choices: ["red", "blue"] });
    const { plan_id } = await submitPlan(
      open.node,
      plan([colour, step("print", "human.ask", { question: "How many?", schema }, { depends_on: ["colour"] })], {
        output: "${print.answer}",
      }),
    );
    await goTo(page, `#/runs/${plan_id}`);
    await page.getByRole("group", { name: "Answers" }).getByRole("button", { name: "blue" }).click();
    await page.getByRole("heading", { name: "How many?" }).waitFor();
    await page.getByRole("button", { name: "Answer", exact: true }).click();
    await page.getByText("Copies is needed.").waitFor();
    await page.getByRole("textbox", { name: "Copies" }).fill("3");
    await page.getByRole("checkbox", { name: "Glossy" }).check();
    await page.getByRole("button", { name: "Answer", exact: true }).click();
    await stateOf(page).getByText("succeeded").waitFor();
    expect((await ended(open.node, plan_id)).output).toEqual({ copies: 3, gloss: true });
  });

  test("pauses and resumes by one key, cancels after being asked, and retries what did not end", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const tasks = [
      write("done", 1),
      step("ask", "human.ask", { question: "Go on?" }, { depends_on: ["done"] }),
      step("long", "flow.sleep", { ms: 600_000 }),
    ];
    const { plan_id } = await submitPlan(open.node, plan(tasks, { goal: "a long one" }));
    await goTo(page, `#/runs/${plan_id}`);
    await page.getByRole("heading", { name: "Go on?" }).waitFor();
    await page.keyboard.press("Alt+p");
    await stateOf(page).getByText("paused").waitFor();
    await page.keyboard.press("Alt+p");
    await stateOf(page)
      .getByText(/running|waits/)
      .waitFor();
    await page.getByRole("button", { name: "Cancel…" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel this run?" });
    await dialog.getByRole("button", { name: "Keep it running" }).click();
    expect(await dialog.count()).toBe(0);
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Cancel…");
    await page.keyboard.press("Alt+c");
    await dialog.getByRole("textbox", { name: /Reason/ }).fill("enough");
    await dialog.getByRole("button", { name: "Cancel the run" }).click();
    await stateOf(page).getByText("cancelled").waitFor();
    await page.getByRole("button", { name: "Retry…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Retry" }).click();
    await page.waitForURL((url) => !url.hash.includes(plan_id));
    await page.getByRole("heading", { name: "Go on?" }).waitFor();
    await page.getByRole("link", { name: "Log" }).click();
    await page.getByText("Taken over from an earlier run.").waitFor();
    expect(complaints(profile)).toEqual([]);
  });

  test("settles a doubt by saying what happened and how they know", async () => {
    await using server = await outside();
    await using own = await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: server.address } });
    server.hold();
    const send = step("send", "http.request", { url: `${server.url}/pay`, method: "POST", body: { json: { n: 1 } } }, { title: "Pay" });
    const { plan_id } = await submitPlan(own, plan([send]));
    await server.arrivals(1);
    for (const pid of childrenOf(own.child.pid)) process.kill(pid, "SIGKILL");
    await until(own, plan_id, (view) => view.plan.status === "in_doubt");
    await using profile = await open.browser.profile();
    const page = await signedInPage(own, profile);
    await goTo(page, `#/runs/${plan_id}`);
    await page.getByRole("button", { name: "Settle" }).click();
    await page.getByText("Choose what happened.").waitFor();
    await page.getByRole("radio", { name: /It happened/ }).check();
    await page.getByRole("button", { name: "Settle" }).click();
    await page.getByText("Say how you know").waitFor();
    await page.getByRole("textbox", { name: "How do you know?" }).fill("it is in their books");
    await page.getByRole("textbox", { name: /What it answered/ }).fill("{nonsense");
    await page.getByRole("button", { name: "Settle" }).click();
    await page.getByText("What it answered is not JSON.").waitFor();
    await page.getByRole("radio", { name: "It did not happen, and shall not" }).check();
    await page.getByRole("button", { name: "Settle" }).click();
    await stateOf(page).getByText("failed").waitFor();
    const resolved = (await eventsOf(own, plan_id)).find(({ type }) => type === "task.resolved");
    expect(resolved?.payload).toMatchObject({ outcome: "failed", reason: "it is in their books" });
  });

  test("[R120] a node that goes away is said, what was seen stays, and once it is back the person signs in anew and goes on", async () => {
    await using own = await runningNode();
    await using profile = await open.browser.profile();
    const page = await signedInPage(own, profile);
    const { plan_id } = await submitPlan(
      own,
      plan([step("ask", "human.ask", { question: "Still there?" })], { goal: "outlives its node" }),
    );
    await goTo(page, `#/runs/${plan_id}`);
    await page.getByRole("heading", { name: "Still there?" }).waitFor();
    const link = page.getByRole("status", { name: "Connection to the node" });
    await expect.poll(() => link.textContent()).toBe("live");
    await own.stop();
    await expect.poll(() => link.textContent()).toContain("not connected");
    expect(await page.getByRole("heading", { name: "outlives its node" }).isVisible()).toBe(true);
    await page.getByRole("textbox", { name: "Answer" }).fill("yes");
    await page.getByRole("button", { name: "Answer", exact: true }).click();
    await page.getByText("The answer was not taken.").waitFor();
    await page.getByText("UNAVAILABLE").first().waitFor();

    const { port } = new URL(own.url);
    await using again = await runningNode({ data: own.data, args: ["--port", port] });
    // Sessions end with the node that gave them.
    await page.getByRole("alert").getByText("The session has ended").waitFor();
    await page.goto((await again.client.call("loginLink", {})).url);
    await page.getByRole("region", { name: "Waiting for you" }).getByRole("link", { name: "outlives its node" }).click();
    await page.getByRole("textbox", { name: "Answer" }).fill("yes");
    await page.getByRole("button", { name: "Answer", exact: true }).click();
    await stateOf(page).getByText("succeeded").waitFor();
  });
});
