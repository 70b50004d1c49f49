// The first opening of the web console: the plain page has it built, says how far that is, and gives way to it; where that fails it says why.
// needs: chromium

import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setUpConsole } from "../scripts/setup/console.mjs";
import { type Chromium, startChromium } from "./support/browser.fixture.ts";
import { CHECKOUT } from "./support/bundles.fixture.ts";
import { complaints } from "./support/console.fixture.ts";
import { type InProcessNode, inProcessNode } from "./support/in-process-node.fixture.ts";
import { plan, run, write } from "./support/plan.fixture.ts";
import { type TemporaryFolder, temporaryFolder } from "./support/temporary-folder.fixture.ts";

const missing = (process.env["KOS_TEST_MISSING"] ?? "").split(",");

describe.skipIf(missing.includes("chromium"))("opening the console for the first time", () => {
  let browser: Chromium;
  let folder: TemporaryFolder;

  beforeAll(async () => {
    await setUpConsole();
    [browser, folder] = await Promise.all([startChromium(), temporaryFolder()]);
  });

  afterAll(async () => {
    await Promise.all([browser?.[Symbol.asyncDispose](), folder?.[Symbol.asyncDispose]()]);
  });

  /** A node whose console is built by a program of the test's own: it says what it is told to and ends when the file `go` appears. */
  async function nodeWith(
    name: string,
    program: string,
  ): Promise<{ readonly node: InProcessNode; readonly go: () => void; readonly built: string }> {
    const place = join(folder.path, name);
    mkdirSync(place);
    const [built, go, file] = ["console", "go", "program.mjs"].map((part) => join(place, part));
    writeFileSync(
      file ?? "",
      `import { existsSync } from "node:fs";
const say = (line) => console.log(JSON.stringify(line));
const gone = () => new Promise((resolve) => { const look = setInterval(() => existsSync(${JSON.stringify(go)}) && (clearInterval(look), resolve()), 20); });
${program}`,
    );
    const node = await inProcessNode({ console: { folder: built ?? "", program: file ?? "", env: {} } });
    return { node, built: built ?? "", go: () => writeFileSync(go ?? "", "") };
  }

  const link = async (node: InProcessNode) => (await node.client.call("loginLink", {})).url;

  test("shows how far the installation is, and what runs meanwhile, then the console, signed in; the next one opens at once", async () => {
    const { node, go, built } = await nodeWith(
      "slow",
      `say({ event: "progress", step: "install", done: 12, total: 45 }); await gone(); say({ event: "progress", step: "build" });`,
    );
    await using _ = node;
    await using profile = await browser.profile();
    const { plan_id } = (await run(node, plan([write("one", 1)], { goal: "ran before the console" }))).plan;
    const page = await profile.page();
    await page.goto(node.url);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect((await node.client.call("consoleStatus", {})).state, "a stranger starts nothing").toBe("missing");
    await page.goto(await link(node));
    await page.getByText("Installing 12 of 45 packages.").waitFor();
    expect(await page.getByRole("progressbar").getAttribute("value")).toBe("12");
    await page.getByRole("row", { name: plan_id }).waitFor();
    cpSync(join(CHECKOUT, "dist", "console"), built, { recursive: true });
    go();
    await page.getByRole("heading", { name: "What shall be done?" }).waitFor();
    await page.getByRole("link", { name: "ran before the console" }).waitFor();
    expect(complaints(profile)).toEqual([]);
    await using other = await browser.profile();
    const next = await other.page();
    await next.goto(await link(node));
    await next.getByRole("heading", { name: "What shall be done?" }).waitFor();
    expect(other.requests.filter((address) => address.includes("/console/build"))).toEqual([]);
  });

  test("says why it could not be made, works on as the plain page, and makes it when tried again", async () => {
    const { node, go, built } = await nodeWith(
      "failing",
      `if (!existsSync(${JSON.stringify(join(folder.path, "failing", "go"))})) { say({ event: "failed", message: "npm cannot reach its package registry. Check the network <b>now</b>." }); process.exit(1); }`,
    );
    await using _ = node;
    await using profile = await browser.profile();
    const page = await profile.page();
    await page.goto(await link(node));
    await page.getByRole("alert").getByText("Check the network <b>now</b>.").waitFor();
    await page.getByRole("heading", { name: "Plans" }).waitFor();
    await page.getByRole("row", { name: "kCore:main" }).waitFor();
    cpSync(join(CHECKOUT, "dist", "console"), built, { recursive: true });
    go();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "What shall be done?" }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  test("has nothing to build where the sources are missing, and says nothing of it", async () => {
    await using node = await inProcessNode({});
    await using profile = await browser.profile();
    const page = await profile.page();
    await page.goto(await link(node));
    await page.getByRole("heading", { name: "Plans" }).waitFor();
    await expect.poll(() => page.locator("#status").textContent()).toContain("Signed in");
    expect(await page.getByRole("heading", { name: "The console is being made ready" }).isVisible()).toBe(false);
  });

  test("what is built in the checkout is built: the set-up only looks", async () => {
    expect(existsSync(join(CHECKOUT, "dist", "console", "build.json"))).toBe(true);
    const steps: unknown[] = [];
    await setUpConsole({ onProgress: (progress) => steps.push(progress) });
    expect(steps).toEqual([]);
  });
});
