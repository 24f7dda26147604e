import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";

import { openBrowser, openTab, type Tab } from "./browser";
import { runningStack, type Stack, startStack } from "./stack";
import { Studio } from "./studio";

export const EMAIL = "ada@example.org";
export const PASSWORD = "three quiet harbours";
export const CHANNEL = "pulse";
/** CI drives the life of a video (`npm run e2e:brief`); `make e2e` beside it every screen, every state, and what is measured. */
export const BRIEF = import.meta.env.MODE === "brief";
// Half a minute on an idle machine; what shares its cores with others takes its time.
export const MADE_WITHIN_MS = 900_000;

/** One stack and one browser for all that is shown of the console, one after the other. */
export class Stage {
  private signedIn: Studio | undefined;

  private constructor(readonly stack: Stack, readonly browser: Browser, readonly ada: Tab) {}

  static async open(): Promise<Stage> {
    const [stack, browser] = await Promise.all([runningStack() ?? startStack(), openBrowser()]);
    return new Stage(stack, browser, await openTab(browser));
  }

  /** The page of the admin, to whom the studio belongs. */
  get page(): Page {
    return this.ada.page;
  }

  /** The same service without a page. */
  async studio(): Promise<Studio> {
    return (this.signedIn ??= await Studio.signIn(this.stack.address, EMAIL, PASSWORD));
  }

  /** The admin's page, signed in, whatever it showed before. */
  async home(): Promise<Page> {
    const { page } = this;
    if (!page.url().startsWith(this.stack.address)) await page.goto(`${this.stack.address}/`);
    await signIn(page, EMAIL, PASSWORD);
    return page;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.stack.stop();
  }
}

/** Signs in, where the page asks for it. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  const asks = page.getByRole("heading", { name: "Sign in" });
  const inside = page.getByRole("navigation", { name: "Places" });
  await asks.or(inside).first().waitFor();
  if (await inside.isVisible()) return;
  await page.getByLabel("Your address").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await inside.waitFor();
}

export async function isLive(page: Page, withinMs = MADE_WITHIN_MS): Promise<void> {
  await page.getByRole("status").filter({ hasText: /^Live/ }).waitFor({ timeout: withinMs });
}

/** Presses keys one after the other, as a hand does. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Holds at some time within a span: asked again and again, for what no page tells. */
export async function eventually(withinMs: number, what: string, holds: () => Promise<boolean>): Promise<void> {
  await expect.poll(holds, { timeout: withinMs, interval: 1_000, message: what }).toBe(true);
}
