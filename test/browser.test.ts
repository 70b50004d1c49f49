// What a real browser makes of what the node hands out: hostile artifacts, the page at `/`, reports on hostile code bases.
// needs: chromium

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import axe from "axe-core";
import type { Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Chromium, type Profile, quiet, startChromium } from "./support/browser.fixture.ts";
import { hostileHtml, hostilePdf, hostilePlaybook, hostileSvg, hostileTexts, PASSIVE, SCRIPTED } from "./support/hostile.fixture.ts";
import { kai } from "./support/kai.fixture.ts";
import { type RunningNode, runningNode } from "./support/node.fixture.ts";
import { type Outside, outside } from "./support/outside.fixture.ts";
import { ended, plan, run, step, submit, write } from "./support/plan.fixture.ts";
import { git, put } from "./support/repository.fixture.ts";
import { type TemporaryFolder, temporaryFolder } from "./support/temporary-folder.fixture.ts";

const missing = (process.env["KOS_TEST_MISSING"] ?? "").split(",");

describe.skipIf(missing.includes("chromium")).concurrent("in Chromium", () => {
  let node: RunningNode;
  let browser: Chromium;
  let folder: TemporaryFolder;

  beforeAll(async () => {
    [node, browser, folder] = await Promise.all([runningNode(), startChromium(), temporaryFolder()]);
  });

  afterAll(async () => {
    await Promise.all([browser?.[Symbol.asyncDispose](), node?.[Symbol.asyncDispose](), folder?.[Symbol.asyncDispose]()]);
  });

  /** A person signed in by a header, with a cookie and a stored secret on the node's origin that content must not get at. */
  async function signedIn(): Promise<Profile> {
    const profile = await browser.profile({ extraHTTPHeaders: { authorization: `Bearer ${node.token}` } });
    await profile.context.addCookies([{ name: "secret", value: "cookie", url: node.url }]);
    const page = await profile.page();
    await page.goto(`${node.url}/plain`);
    await page.evaluate("localStorage.setItem('secret', 'stored')");
    await page.close();
    return profile;
  }

  async function uploaded(name: string, content: string, mediaType: string): Promise<string> {
    const artifact = await node.client.upload(name, new TextEncoder().encode(content), mediaType);
    return `${node.url}/artifact/${artifact.artifact_id}/content`;
  }

  /** A link of `kai login-link`, to the page that needs no console. */
  async function loginLink(): Promise<string> {
    const { code, json } = await kai(["login-link", "--json"], { data: node.data });
    expect(code).toBe(0);
    return String(json[0]?.["url"]).replace("/#", "/plain#");
  }

  const pages = [
    { name: "page.html", mediaType: "text/html", content: hostileHtml, ways: [...SCRIPTED, ...PASSIVE] },
    { name: "page.xhtml", mediaType: "application/xhtml+xml", content: hostileXhtml, ways: [...SCRIPTED, ...PASSIVE] },
    { name: "picture.svg", mediaType: "image/svg+xml", content: hostileSvg, ways: [...SCRIPTED, "/import", "/img", "/frame"] },
  ] as const;
  const paper = { name: "paper.pdf", mediaType: "application/pdf", content: hostilePdf } as const;
  const lie = { name: "lie.txt", mediaType: "text/plain", content: hostileHtml } as const;

  test.each([...pages, paper])("[R94] $name opened by its address is kept as a file, not shown", async ({ name, mediaType, content }) => {
    await using canary = await outside();
    await using profile = await signedIn();
    const page = await profile.page();
    const address = await uploaded(name, content(canary.url), mediaType);
    const [download, shown] = await Promise.all([
      page.waitForEvent("download"),
      page.goto(address).then(
        () => "shown",
        (error: unknown) => String(error),
      ),
    ]);
    expect(shown).toMatch(/Download is starting|net::ERR_ABORTED/);
    expect(download.suggestedFilename()).toBe(name);
    expect(page.url()).toBe("about:blank");
    await quiet(page);
    expect(profile.said).toEqual([]);
    expect(canary.arrived).toEqual([]);
  });

  test("[R94] HTML that says it is plain text is shown as that text", async () => {
    await using canary = await outside();
    await using profile = await signedIn();
    const page = await profile.page();
    await page.goto(await uploaded(lie.name, lie.content(canary.url), lie.mediaType));
    await quiet(page);
    expect(await page.evaluate("origin")).toBe("null");
    expect(await page.locator("body").innerText()).toContain("<script>");
    expect(await page.locator("img, iframe, script").count()).toBe(0);
    expect(canary.arrived).toEqual([]);
  });

  // A PDF is shown by a viewer of the browser's own, which takes no policy: there only the download protects.
  test.each([...pages, lie])(
    "[R94] $name shown in place, alone and in a frame of the node's own origin, stays locked in an origin of its own",
    async ({ name, mediaType, content }) => {
      await using canary = await outside();
      await using profile = await signedIn();
      const address = await uploaded(name, content(canary.url), mediaType);
      await profile.context.route(address, inPlace);
      await profile.context.route(`${node.url}/console`, (route) => ownPage(route, address));
      const [alone, framing] = await Promise.all([profile.page(), profile.page()]);
      await Promise.all([alone.goto(address), framing.goto(`${node.url}/console`)]);
      await Promise.all([quiet(alone), quiet(framing)]);
      const framed = framing.mainFrame().childFrames();
      expect(framed).toHaveLength(1);
      for (const frame of [alone.mainFrame(), ...framed]) {
        expect(await frame.evaluate("origin")).toBe("null");
        expect(await frame.locator(":root").textContent()).toContain("the content itself");
      }
      expect(await framing.title()).toBe("console");
      expect(await alone.title()).not.toBe("ran");
      expect(canary.arrived).toEqual([]);
    },
  );

  test.each(pages)("[R94] $name would run and reach out without the headers of the node", async ({ name, mediaType, content, ways }) => {
    await using canary = await outside();
    await using profile = await signedIn();
    const address = await uploaded(name, content(canary.url), mediaType);
    await profile.context.route(address, unprotected);
    await profile.context.route(`${node.url}/console`, (route) => ownPage(route, address));
    const page = await profile.page();
    await page.goto(`${node.url}/console`);
    await reached(canary, [...ways, "/parent"]);
    const asked = canary.arrived.map(({ path }) => decodeURIComponent(path));
    expect(asked).toEqual(expect.arrayContaining(["/cookie?secret=cookie", "/storage?stored", "/parent?console"]));
    expect(asked.find((path) => path.startsWith("/plan?"))).toContain('"items"');
  });

  test("[R94] the script of the PDF would run if it were not offered for download", async () => {
    await using canary = await outside();
    await using profile = await signedIn();
    const address = await uploaded("shown.pdf", hostilePdf(canary.url), "application/pdf");
    await profile.context.route(address, inPlace);
    const page = await profile.page();
    const [dialog] = await Promise.all([profile.context.waitForEvent("dialog"), page.goto(address)]);
    expect(dialog.message()).toBe("ran");
  });

  test("[R94] the plain page frames no artifact at all", async () => {
    await using canary = await outside();
    await using profile = await signedIn();
    const address = await uploaded("framed.html", hostileHtml(canary.url), "text/html");
    await profile.context.route(address, unprotected);
    const page = await profile.page();
    await page.goto(`${node.url}/plain`);
    const refused = await page.evaluate(`new Promise((resolve) => {
      addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
      const frame = document.createElement("iframe");
      frame.src = ${JSON.stringify(address)};
      document.body.append(frame);
    })`);
    await quiet(page);
    expect(refused).toBe("frame-src");
    expect(canary.arrived).toEqual([]);
  });

  test("[R3] [R9] a login link signs in once, leaves nothing of its ticket or token behind, and follows no parameter of its address", async () => {
    await using canary = await outside();
    await using profile = await browser.profile();
    const { plan_id } = await run(node, plan([write("one", 1)], { goal: "count the apples" })).then((view) => view.plan);
    const link = new URL(await loginLink());
    const ticket = new URLSearchParams(link.hash.slice(1)).get("ticket") ?? "";
    expect(ticket.length).toBeGreaterThan(20);
    link.search = new URLSearchParams({ url: canary.url, gatewayUrl: canary.url, api: canary.url, redirect: canary.url }).toString();
    const page = await profile.page();
    const session = page.waitForResponse((response) => response.url().endsWith("/auth/session"));
    await page.goto(link.href);
    const { token } = (await (await session).json()) as { token: string };
    await page.getByRole("row", { name: plan_id }).waitFor();
    expect(await page.getByRole("row", { name: plan_id }).textContent()).toContain("count the apples");
    expect(await page.getByRole("row", { name: "kExecutor:files" }).textContent()).toMatch(/ready|busy/);
    expect(await page.getByRole("status").textContent()).toContain("Signed in");

    expect(new URL(page.url()).hash).toBe("");
    const kept = await page.evaluate(`(async () => JSON.stringify([
      location.href, document.cookie, window.name, { ...localStorage }, { ...sessionStorage }, await caches.keys(), await indexedDB.databases(),
      navigation.entries().map((entry) => entry.url), history.state, document.documentElement.outerHTML, typeof token, performance.getEntries().map((entry) => entry.name),
      Object.getOwnPropertyNames(window).filter((name) => typeof window[name] === "string").map((name) => window[name]),
    ]))()`);
    const everything = `${String(kept)} ${JSON.stringify(await profile.context.storageState({ indexedDB: true }))}`;
    for (const secret of [token, node.token]) expect(everything).not.toContain(secret);
    expect(await page.evaluate("location.href + JSON.stringify(navigation.entries().map((entry) => entry.url))")).not.toContain(ticket);
    expect(await page.evaluate("typeof token + typeof api")).toBe("undefinedundefined");
    expect(await profile.context.cookies()).toEqual([]);
    expect([...new Set(profile.requests.map((address) => new URL(address).origin))]).toEqual([new URL(node.url).origin]);
    expect(profile.requests.slice(1).join(" ")).not.toContain(ticket);
    expect(profile.requests.join(" ")).not.toContain(token);

    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await using other = await browser.profile();
    const again = await other.page();
    await again.goto(link.href);
    await again.locator("#status.failed").waitFor();
    expect(new URL(again.url()).hash).toBe("");
    expect(await again.getByRole("heading", { name: "Sign in" }).isVisible()).toBe(true);
    expect(await again.getByRole("table").count()).toBe(0);
    expect(other.requests.filter((address) => address.includes("/agent/"))).toEqual([]);
    expect(canary.arrived).toEqual([]);
  });

  test("the page has nothing that axe finds fault with, signed out and in, light and dark, wide and narrow, and fits its width", async () => {
    await run(node, plan([write("one", 1)], { goal: `report on /srv/${"a-long-name-without-spaces-".repeat(8)}` }));
    await using profile = await browser.profile();
    const page = await profile.page();
    await page.addInitScript(axe.source);
    for (const address of [`${node.url}/plain`, await loginLink()]) {
      await page.goto(address);
      await page.getByRole("heading", { name: address.endsWith("/plain") ? "Sign in" : "Plans" }).waitFor();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [1280, 360]) {
          await page.setViewportSize({ width, height: 800 });
          const { violations, incomplete } = await page.evaluate<AxeResults>("axe.run()");
          const found = [...violations, ...incomplete].map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
          expect(found, `${colorScheme}, ${width} wide`).toEqual([]);
        }
      }
      for (const width of [1280, 961, 960, 600, 320]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), `${width} wide`).toBeLessThanOrEqual(0);
      }
    }
  });

  test("the page is used by keyboard alone: everything is reached in order and shows that it is", async () => {
    await using profile = await browser.profile();
    const page = await profile.page();
    // Nothing refreshes by itself.
    await page.addInitScript("window.setInterval = () => 0");
    await page.goto(await loginLink());
    await page.getByRole("button", { name: "Refresh" }).waitFor();
    const reached: unknown[] = [];
    for (let stop = 0; stop < 3; stop += 1) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate("document.activeElement.textContent"));
      expect(await page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)"), String(reached)).toBeGreaterThan(1);
    }
    expect(reached).toEqual(["Refresh", "/openapi.json", "/.well-known/klp.json"]);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    const { plan_id } = (await run(node, plan([write("one", 1)], { goal: "a later one" }))).plan;
    await page.keyboard.press("Enter");
    await page.getByRole("row", { name: plan_id }).waitFor();
  });

  test("[R99] what plans, tasks, playbooks and params are called is shown as text, and an injected script would not run", async () => {
    await using canary = await outside();
    const goals = hostileTexts(canary.url);
    put(node.data, "playbooks/hostile.yaml", hostilePlaybook(goals));
    for (const goal of goals) await submit(node, { plan: plan([step("one", "flow.sleep", { ms: 1 }, { title: goal })], { goal }) });
    const [who = ""] = goals;
    await ended(node, (await submit(node, { playbook: "hostile", params: { who } })).plan_id);
    await using profile = await browser.profile();
    const page = await profile.page();
    await page.goto(await loginLink());
    await page.getByRole("heading", { name: "Plans" }).waitFor();
    const shown = await page.locator("#plans tbody td:first-child").allTextContents();
    expect(shown).toEqual(expect.arrayContaining([...goals, `for ${who}`]));
    expect(await page.locator("img, svg, iframe, a:not([href^='/']), meta[http-equiv], main script, [onerror]").count()).toBe(0);

    const attempts = injections(canary.url);
    const outcomes = await page.evaluate<readonly string[]>(attempts);
    await quiet(page);
    expect(outcomes).toEqual(["refused", "refused", "refused", "refused", "put in", "put in", "refused"]);
    expect(canary.arrived).toEqual([]);

    // The same attempts in the same page without its policy.
    await profile.context.route(`${node.url}/plain`, unprotected);
    const open = await profile.page();
    await open.goto(`${node.url}/plain`);
    await open.evaluate(attempts);
    await reached(canary, ["/markup", "/script", "/handler", "/address", "/picture", "/import", "/fetch"]);
  });

  test("[R95] the report on a code base with hostile names, texts and manifests runs nothing and reaches nobody", async () => {
    await using canary = await outside();
    const texts = hostileTexts(canary.url);
    const path = join(folder.path, "hostile <b>base</b>");
    hostileRepository(path, texts);
    const view = await ended(node, (await submit(node, { playbook: "repo-report", params: { path } }, path)).plan_id);
    expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
    await expectInert(canary, await downloadedReport(view.plan.plan_id), [texts[0] ?? "", "javascript:alert(1)"]);
  });

  test("[R95] Markdown of an agent with raw HTML, script links and remote pictures is inert once rendered", async () => {
    await using canary = await outside();
    const texts = hostileTexts(canary.url).map((text) => text.replaceAll("http:/1", "http://1"));
    const markdown = [...texts, `![remote](${canary.url}/remote)`, `![x][y]\n\n[y]: ${canary.url}/reference`, `<${canary.url}/auto>`].join(
      "\n\n",
    );
    const task = step("page", "report.render", { title: texts[0], subtitle: texts[1], markdown });
    const view = await run(node, plan([task]));
    expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
    await expectInert(canary, await downloadedReport(view.plan.plan_id), [texts[0] ?? "", texts[1] ?? ""]);
  });

  test("[R95] the same texts in a page as they are do run and reach out", async () => {
    await using canary = await outside();
    const file = join(folder.path, "as-they-are.html");
    await writeFile(file, `<!doctype html><title>as they are</title>${hostileTexts(canary.url).join("\n")}`);
    await using profile = await browser.profile();
    const page = await profile.page();
    await page.goto(pathToFileURL(file).href);
    await reached(canary, ["/text-frame", "/text-picture"]);
    expect(canary.arrived.length).toBeGreaterThan(1);
  });

  /** `report.html` of a plan as a person gets it: through the browser, into a file. */
  async function downloadedReport(planId: string): Promise<string> {
    const { items } = await node.client.call("searchArtifacts", { query: { plan_id: planId, limit: 100 } });
    const report = items.find((artifact) => artifact.name === "report.html");
    await using profile = await signedIn();
    const page = await profile.page();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.goto(`${node.url}/artifact/${report?.artifact_id}/content`).catch(() => undefined),
    ]);
    const file = join(folder.path, `${planId}.html`);
    await download.saveAs(file);
    return file;
  }

  /** Opened from the disk, where no header protects it. */
  async function expectInert(canary: Outside, file: string, texts: readonly string[]): Promise<void> {
    await using profile = await browser.profile();
    const page = await profile.page();
    await page.goto(pathToFileURL(file).href);
    await quiet(page);
    const text = await page.locator("body").innerText();
    for (const expected of texts) expect(text).toContain(expected);
    const addresses = await page.evaluate<readonly string[]>("Array.from(document.links, (link) => link.protocol)");
    for (const protocol of addresses) expect(["http:", "https:", "mailto:", "file:"]).toContain(protocol);
    expect(await page.locator("script, iframe, object, embed, form, base, [onerror], [onload], [onfocus]").count()).toBe(0);
    expect(profile.requests).toEqual([pathToFileURL(file).href]);
    expect(profile.said).toEqual([]);
    expect(canary.arrived).toEqual([]);
  }
});

/** Until every one of the paths has been asked for. */
async function reached(canary: Outside, paths: readonly string[]): Promise<void> {
  while (!paths.every((path) => canary.arrived.some((one) => pathOf(one) === path))) await canary.arrivals(canary.arrived.length + 1);
}

function pathOf({ path }: { readonly path: string }): string {
  return path.split("?")[0] ?? "";
}

/** The node's answer, shown instead of offered for download: what is left is the policy. */
async function inPlace(route: Route): Promise<void> {
  const response = await route.fetch();
  await route.fulfill({ response, headers: { ...response.headers(), "content-disposition": "inline" } });
}

/** The node's answer without what protects it. */
async function unprotected(route: Route): Promise<void> {
  const response = await route.fetch();
  const { "content-security-policy": _, "x-content-type-options": __, ...headers } = response.headers();
  await route.fulfill({ response, headers: { ...headers, "content-disposition": "inline" } });
}

/** A page of the node's origin that shows an artifact in a frame, as a console would. */
function ownPage(route: Route, address: string): Promise<void> {
  return route.fulfill({ contentType: "text/html", body: `<!doctype html><title>console</title><iframe src="${address}"></iframe>` });
}

/** XHTML takes the same tricks, written as XML. */
function hostileXhtml(canary: string): string {
  const html = hostileHtml(canary).replace("<!doctype html><html>", '<html xmlns="http://www.w3.org/1999/xhtml">');
  return html
    .replace(/<iframe srcdoc=.*?><\/iframe>/, "")
    .replaceAll(/<(link|meta|img)([^>]*)>/g, "<$1$2/>")
    .replace(/<script>([^]*?)<\/script>/, "<script><![CDATA[$1]]></script>");
}

/** Seven ways to bring code or a request into a page; each says whether the page refused it or took it in. */
function injections(canary: string): string {
  return `(async () => {
    const tried = async (attempt) => { try { await attempt(); return "put in"; } catch { return "refused"; } };
    const to = (path) => ${JSON.stringify(canary)} + path;
    const code = (path) => "new Image().src = '" + to(path) + "'";
    return [
      await tried(() => { const part = document.createElement("div"); document.body.append(part); part.innerHTML = '<img src="data:," onerror="' + code("/markup") + '">'; }),
      await tried(() => { const part = document.createElement("script"); part.textContent = code("/script"); document.body.append(part); }),
      await tried(() => { const part = document.createElement("img"); part.setAttribute("onerror", code("/handler")); part.src = "data:,"; document.body.append(part); }),
      await tried(() => { const part = document.createElement("script"); part.src = to("/address"); document.body.append(part); }),
      await tried(() => { new Image().src = to("/picture"); }),
      await tried(() => { const part = document.createElement("style"); part.textContent = "@import '" + to("/import") + "'"; document.head.append(part); }),
      await tried(() => fetch(to("/fetch"), { mode: "no-cors" })),
    ];
  })()`;
}

function hostileRepository(path: string, texts: readonly string[]): void {
  put(path, "README.md", `# ${texts.join("\n\n")}\n\nTODO ${texts[0]}\n`);
  git(path, "init", "-q", "-b", "main");
  const [name = ""] = texts;
  put(
    path,
    "package.json",
    JSON.stringify({ name, version: name, license: name, dependencies: Object.fromEntries(texts.map((text) => [text, text])) }),
  );
  put(path, "LICENSE", texts.join("\n"));
  for (const [place, text] of texts.entries()) {
    put(path, `${text}.ts`, `// TODO ${text}\n// FIXME <!-- --> ${text}\n`);
    put(path, `copies/${text}.md`, `same ${place % 2}\n`);
    put(path, `copies/${text}/${text}.py`, `# HACK ${text}\nsame = ${place % 2}\n`);
  }
  git(path, "add", "-A");
  git(path, "commit", "-q", "-m", "first");
}
