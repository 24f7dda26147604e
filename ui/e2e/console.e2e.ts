import type { Browser, Page } from "playwright-core";

import { CHROMIUM, openBrowser, openPage, picture } from "./browser";
import { type Stack, startStack } from "./stack";

const PASSWORD = "three quiet harbours";

describe.skipIf(CHROMIUM === "")("the console over a real stack", () => {
  let stack: Stack;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack(), openBrowser()]);
    ({ page, complaints } = await openPage(browser));
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test("the first admin comes in by the link and makes a channel", async () => {
    await page.goto(`${stack.address}/`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await picture(page, "sign-in");
    await page.goto(stack.firstAdmin);
    await page.getByRole("heading", { name: "Become the first admin" }).waitFor();
    expect(page.url()).not.toContain("#");
    await picture(page, "setup");
    await page.getByLabel("Your address").fill("ada@example.org");
    await page.getByRole("textbox", { name: "New password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("heading", { name: "Your first channel" }).waitFor();
    await page.getByRole("radio").nth(3).waitFor();
    await page.getByRole("radio", { name: /Pulse/ }).first().click();
    await picture(page, "first-run");
    await page.getByRole("button", { name: "Make the channel" }).click();
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    await picture(page, "home-empty");
  });

  test("a page that is loaded again is still signed in, and nothing complained", async () => {
    await page.reload();
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
    expect(complaints).toEqual([]);
  });
});

test.skipIf(CHROMIUM !== "")("left out: this machine has no Chromium (set CHROMIUM to one, or install the package chromium)", () => undefined);
