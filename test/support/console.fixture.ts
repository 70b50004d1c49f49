// The web console as a person opens it: built, served by a node, in a browser, signed in.

import type { Locator, Page } from "playwright-core";
import { setUpConsole } from "../../scripts/setup/console.mjs";
import { type Chromium, type Profile, startChromium } from "./browser.fixture.ts";
import { type Door, type RunningNode, runningNode } from "./node.fixture.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.fixture.ts";

export interface OpenConsole extends AsyncDisposable {
  readonly node: RunningNode;
  readonly browser: Chromium;
  /** The one folder that the node may read for the browser. */
  readonly folder: string;
}

/** `env`: more of the node's settings. */
export async function openConsole(env: Readonly<Record<string, string>> = {}): Promise<OpenConsole> {
  await using owned = new AsyncDisposableStack();
  await setUpConsole();
  const folder: TemporaryFolder = owned.use(await temporaryFolder());
  const node = owned.use(await runningNode({ env: { KOS_FS__ROOTS: folder.path, ...env } }));
  const browser = owned.use(await startChromium());
  const kept = owned.move();
  return { node, browser, folder: folder.path, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

export async function loginLink(door: Pick<Door, "client">): Promise<string> {
  return (await door.client.call("loginLink", {})).url;
}

/** A page of the profile, signed in and at the start. */
export async function signedInPage(door: Pick<Door, "client">, profile: Profile): Promise<Page> {
  const page = await profile.page();
  await page.goto(await loginLink(door));
  await page.getByRole("heading", { name: "What shall be done?" }).waitFor();
  return page;
}

/** Goes to an address within the console, as a link does. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}

/** The state of the run that the page shows. */
export function stateOf(page: Page): Locator {
  return page.getByRole("status", { name: "State of the run" });
}

export async function hasFocus(part: Locator): Promise<boolean> {
  return (await part.and(part.page().locator(":focus")).count()) === 1;
}

/** A page that is left before its socket is open closes it, which Chromium remarks on. */
const GIVEN_UP = /^warning: WebSocket connection to '[^']+' failed: WebSocket is closed before the connection is established\.$/;

/** What the browser complained of; requests that a person's going elsewhere ended are none. */
export function complaints({ said }: Profile): readonly string[] {
  return said.filter((line) => /^(error|warning|dialog)/.test(line) && !GIVEN_UP.test(line));
}
