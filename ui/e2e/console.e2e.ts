import type { Browser, Page } from "playwright-core";

import { CHROMIUM, openBrowser, openPage, picture } from "./browser";
import { type Stack, startStack } from "./stack";
import { Studio } from "./studio";

const EMAIL = "ada@example.org";
const PASSWORD = "three quiet harbours";
// Half a minute on an idle machine; what shares its cores with others takes its time.
const MADE_WITHIN_MS = 420_000;

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
    await page.getByLabel("Your address").fill(EMAIL);
    await page.getByRole("textbox", { name: "New password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("heading", { name: "Your first channel" }).waitFor();
    await page.getByRole("radio", { name: /Pulse/ }).first().click();
    await picture(page, "first-run");
    await page.getByRole("button", { name: "Make the channel" }).click();
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    await picture(page, "home-empty");
  });

  test("a page that is loaded again is still signed in", async () => {
    await page.reload();
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  });

  test("what an agent asks for appears by itself; the film plays with captions; a decision has its effect after the undo window", async () => {
    const studio = await Studio.signIn(stack.address, EMAIL, PASSWORD);
    await studio.startRun("pulse");
    await page.getByRole("link", { name: /^Approvals ?1$/ }).waitFor({ timeout: MADE_WITHIN_MS });
    await picture(page, "home");
    await page.keyboard.press("g");
    await page.keyboard.press("v");
    await page.getByRole("list", { name: "Videos" }).getByRole("link").first().waitFor();
    await picture(page, "videos");
    await page.getByRole("button", { name: "Calendar" }).click();
    await page.getByText("Times in").waitFor();
    await picture(page, "videos-calendar");
    await page.getByRole("button", { name: "Board" }).click();
    await picture(page, "videos-board");
    await page.getByRole("region", { name: "Wait for you" }).getByRole("link").first().click();
    await page.locator("video").waitFor();
    await picture(page, "video");
    await page.keyboard.press("g");
    await page.keyboard.press("a");
    // The page before has a film as well, and stays until this one is loaded.
    await page.waitForURL(/\/approvals\/approval_/);
    await page.getByRole("region", { name: "Evidence" }).locator("video").waitFor();
    await page.waitForFunction(() => {
      const shown = document.querySelector<HTMLVideoElement>("[aria-label=Evidence] video");
      return shown !== null && shown.readyState >= 1 && shown.duration > 5 && (shown.textTracks[0]?.cues?.length ?? 0) > 0;
    });
    await picture(page, "approvals");
    await page.keyboard.press("e");
    await page.getByRole("dialog", { name: "Edit" }).waitFor();
    await picture(page, "approvals-edit");
    await page.keyboard.press("Escape");
    await page.keyboard.press("a");
    await page.getByRole("button", { name: /Undo/ }).waitFor();
    await picture(page, "approvals-undo");
    await page.getByText("Nothing waits for you").waitFor();
    await studio.until("published", MADE_WITHIN_MS);
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await page.getByRole("region", { name: "Published last" }).getByRole("link").nth(1).waitFor();
    await picture(page, "home-published");
  });

  test("tasks and incidents", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.getByLabel("Topics, one a line").fill("Salt lakes\nTides");
    await page.getByRole("button", { name: "Ask for them" }).click();
    await page.getByRole("list", { name: "Tasks" }).getByText("Tides").waitFor();
    await picture(page, "tasks");
    await page.getByRole("heading", { name: "Tasks" }).click();
    await page.keyboard.press("g");
    await page.keyboard.press("i");
    await page.getByText("No open incident").waitFor();
    await picture(page, "incidents");
  });

  test("keys, the palette and the kill-switch", async () => {
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await picture(page, "keys");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search and commands" }).fill("go");
    await page.getByRole("option", { name: /Go to Home/ }).waitFor();
    await picture(page, "palette");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByRole("dialog", { name: "Stop everything" }).waitFor();
    await picture(page, "stop");
    await page.getByLabel("Why").fill("trying it out");
    await page.getByLabel("Type stop to go on").fill("stop");
    await page.getByRole("button", { name: "Stop everything" }).click();
    await page.getByRole("button", { name: "Everything is stopped" }).waitFor();
    await picture(page, "stopped");
  });

  test("a service that is killed under an open page is told of, and the page goes on when it is back", async () => {
    const live = page.getByRole("status").filter({ hasText: /Live|Reconnecting|Polling/ });
    stack.killServer();
    await live.filter({ hasText: /Reconnecting|Polling/ }).waitFor();
    await live.filter({ hasText: "Live" }).waitFor({ timeout: 120_000 });
    expect(complaints).toEqual([]);
  });
});

test.skipIf(CHROMIUM !== "")("left out: this machine has no Chromium (set CHROMIUM to one, or install the package chromium)", () => undefined);
