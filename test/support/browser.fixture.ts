// A real Chromium without a screen, its profile in a folder of its own; it reaches nothing but loopback.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { cleanEnvironment } from "./child.fixture.ts";
import { temporaryFolder } from "./temporary-folder.fixture.ts";

export interface Chromium extends AsyncDisposable {
  /** A profile of its own, gone with the test that opened it. */
  profile(options?: BrowserContextOptions): Promise<Profile>;
}

export interface Profile extends AsyncDisposable {
  readonly context: BrowserContext;
  /** Addresses of all requests of all pages and frames, those that were refused included. */
  readonly requests: readonly string[];
  /** What pages complained of or asked: console, errors, dialogs. */
  readonly said: readonly string[];
  page(): Promise<Page>;
}

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Chromium's own guard of the local network would stop what our headers must stop; the last of several such lists counts, so some of
  // playwright's are repeated.
  "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessForNavigations,LocalNetworkAccessForSubframeNavigations,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,MediaRouter,PaintHolding,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,NetworkTimeServiceQuerying,PreconnectToSearch",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

export async function startChromium(): Promise<Chromium> {
  await using owned = new AsyncDisposableStack();
  const home = owned.use(await temporaryFolder()).path;
  const browser = await chromium.launch({
    executablePath: programPath(),
    args: ARGS,
    downloadsPath: home,
    env: definedOnly(cleanEnvironment({ HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home })),
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  owned.defer(() => browser.close());
  const kept = owned.move();
  return { profile: (options) => openProfile(browser, options), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function openProfile(browser: Browser, options: BrowserContextOptions = {}): Promise<Profile> {
  const context = await browser.newContext(options);
  const requests: string[] = [];
  const said: string[] = [];
  context.on("request", (request) => requests.push(request.url()));
  context.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  context.on("weberror", (error) => said.push(`error: ${error.error().message}`));
  context.on("dialog", (dialog) => {
    said.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { context, requests, said, page: () => context.newPage(), [Symbol.asyncDispose]: () => context.close() };
}

/**
 * Until all that a page asks for by itself has been asked for: with its load, and by the refresh that content sets for a second later. The
 * browser's own "networkidle" never comes for some pages whose frames are refused while they load.
 */
export async function quiet(page: Page): Promise<void> {
  await page.waitForLoadState("load");
  await page.waitForTimeout(1500);
}

/** Where `npm test` found it: on the search path. */
function programPath(): string {
  const found = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "chromium"))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error("chromium is not on the search path");
  return found;
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
