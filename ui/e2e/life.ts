import type { Page } from "playwright-core";

import { openTab, picture, settled, walk } from "./browser";
import { BRIEF, CHANNEL, EMAIL, eventually, isLive, MADE_WITHIN_MS, PASSWORD, press, type Stage } from "./stage";
import { GOOD_SHIFT, watchAnew, worstBurst } from "./watched";

// The stand-ins of the sources know something about it.
const TOPIC = "How a bad habit works";
const ADDED = "That is all for today.";

/** The life of a video up to its decision, in the order in which it is lived. */
export function lifeOfAVideo(stage: () => Stage): void {
  test("the first admin comes in by the link and makes a channel", async () => {
    const { page, stack } = stage();
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
    await isLive(page);
    await picture(page, "home-empty");
  });

  test("a page that is loaded again is still signed in", async () => {
    const page = await stage().home();
    await page.reload();
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  });

  test("the owner consents at Google's stand-in, and the channel is connected", async () => {
    const page = await stage().home();
    await walk(page, `/channels/${CHANNEL}`);
    await page.getByRole("button", { name: "Connect YouTube" }).click();
    const google = page.waitForEvent("popup");
    await page.getByRole("link", { name: "Open Google's page" }).click();
    await (await google).getByText("You can close this window").waitFor();
    await (await google).close();
    await page.getByText("Rehearsal", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Revoke…" }).waitFor();
  });

  test("a topic is asked for, and the page tells by itself how far it is", async () => {
    const page = await stage().home();
    await (BRIEF ? askBeside(stage()) : askInPage(page));
    await walk(page, "/videos");
    await page.getByRole("list", { name: "Videos" }).getByRole("link").first().click();
    await page.getByRole("heading", { name: "About it" }).waitFor();
    await page.evaluate(() => { Object.assign(window, { neverLoadedAgain: true }); });
    await picture(page, "video-making");
    await watchAnew(page);
    await page.getByRole("link", { name: "Decide" }).waitFor({ timeout: MADE_WITHIN_MS });
    expect(await page.evaluate(() => "neverLoadedAgain" in window)).toBe(true);
    // All of it comes while one looks, its title, its script, the film, and on a busy machine in many steps: what vitals call good is the bound here.
    // `measures.ts` is strict about pages whose content is there already.
    const burst = await worstBurst(page);
    expect(burst.value, burst.moved.join(", ")).toBeLessThan(GOOD_SHIFT);
    await page.locator("video").waitFor();
    await picture(page, "video");
  });

  test("the film plays with its captions; a sentence is edited, and the film that is made of it is asked about anew", async () => {
    const page = await stage().home();
    await press(page, "g", "a");
    await filmIsThere(page);
    await page.getByRole("button", { name: "Accept" }).hover();
    await picture(page, "approvals");
    const before = page.url();
    await press(page, "e");
    await page.getByRole("tab", { name: "Script" }).click();
    const last = page.getByRole("dialog", { name: "Edit" }).locator("textarea:not([aria-hidden])").last();
    await last.fill(`${await last.inputValue()} ${ADDED}`);
    await page.getByText(/^Makes \d+ of \d+ scenes? again/).waitFor();
    await picture(page, "approvals-edit");
    await page.getByRole("button", { name: "Change it" }).click();
    await page.getByRole("button", { name: /Undo/ }).waitFor();
    await picture(page, "approvals-undo");
    await page.waitForURL((url) => url.href !== before && /approvals\/\w/.test(url.pathname), { timeout: MADE_WITHIN_MS });
    await page.getByRole("listitem").filter({ hasText: ADDED }).waitFor();
    await filmIsThere(page);
  });

  test("by keyboard alone from the sign-in to the decision, and the other tab follows", async () => {
    const { browser, stack } = stage();
    const other = await stage().home();
    await walk(other, "/approvals");
    await other.getByRole("complementary", { name: "Decision" }).waitFor();
    const { page, context, complaints } = await openTab(browser);
    await page.goto(`${stack.address}/`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.keyboard.type(EMAIL);
    await press(page, "Tab");
    await page.keyboard.type(PASSWORD);
    await press(page, "Enter");
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
    await settled(page);
    await everyStopIsSeen(page, 12);
    await press(page, "g", "a");
    await page.getByRole("complementary", { name: "Decision" }).waitFor();
    await press(page, "a");
    await page.getByRole("button", { name: /Undo/ }).waitFor();
    await page.getByText("Nothing waits for you").waitFor();
    await other.getByText(/^It was accepted by/).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
}

/** What comes of it once its time has come: shown, and taken back. */
export function endOfItsLife(stage: () => Stage): void {
  test("it goes to YouTube and is shown at its time", async () => {
    const page = await stage().home();
    const studio = await stage().studio();
    await eventually(MADE_WITHIN_MS, "the video to be published", async () => (await studio.videos("published")).length > 0);
    await press(page, "g", "h");
    await page.getByRole("region", { name: "Published last" }).getByRole("link").nth(1).click();
    await page.getByRole("definition").filter({ hasText: /^youtube$/ }).waitFor();
    await picture(page, "video-published");
    expect.soft(await studio.deadLetters(), "nothing died on the way").toEqual([]);
  });

  test("it is pulled back, and nobody sees it any more", async () => {
    const page = await stage().home();
    const [shown] = await (await stage().studio()).videos("published");
    await walk(page, `/videos/${shown?.id ?? ""}`);
    await page.getByRole("button", { name: "Pull back" }).click();
    await page.getByLabel(/^Why/).fill("a number in it is wrong");
    await picture(page, "pull-back");
    await page.getByRole("dialog").getByRole("button", { name: "Pull it back" }).click();
    await page.getByText("It was published and is private now.").waitFor({ timeout: MADE_WITHIN_MS });
    await picture(page, "video-pulled-back");
  });
}

/** Begun by somebody else: it is made at once. */
async function askBeside(stage: Stage): Promise<void> {
  const studio = await stage.studio();
  await eventually(MADE_WITHIN_MS, "the run to be taken", () => studio.makes(CHANNEL, TOPIC));
  await eventually(MADE_WITHIN_MS, "its video", async () => (await studio.videos()).length > 0);
}

/** An autonomous run is started in the page, and a topic is put to it. */
async function askInPage(page: Page): Promise<void> {
  await press(page, "g", "r");
  await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
  await press(page, "n");
  await page.getByRole("heading", { name: "Start an autonomous run" }).waitFor();
  await page.getByLabel("Hours").fill("1");
  await page.getByLabel("Seconds a video").fill("20");
  await page.getByLabel("Who decides").click();
  await page.getByRole("option", { name: "Each video asks before it is published" }).click();
  await picture(page, "runs-start");
  await page.getByRole("button", { name: "Start it" }).click();
  await page.waitForURL(/\/runs\/autonomous\//, { timeout: MADE_WITHIN_MS });
  await picture(page, "runs-autonomous");
  await press(page, "g", "t");
  await page.getByLabel("Topics, one a line").fill(TOPIC);
  await page.getByLabel("Priority").click();
  await page.getByRole("option", { name: "urgent" }).click();
  await page.getByRole("button", { name: "Ask for it" }).click();
  await page.getByRole("list", { name: "Tasks" }).getByText(TOPIC).click();
  await page.getByRole("link", { name: "its production" }).waitFor({ timeout: MADE_WITHIN_MS });
  await picture(page, "task");
  await press(page, "g", "v");
  await page.getByRole("list", { name: "Videos" }).getByText(TOPIC).first().waitFor({ timeout: MADE_WITHIN_MS });
}

async function filmIsThere(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    // The page before has a film as well, and stays until this one is loaded.
    const shown = document.querySelector<HTMLVideoElement>("[aria-label=Evidence] video");
    return shown !== null && shown.readyState >= 1 && shown.duration > 5 && (shown.textTracks[0]?.cues?.length ?? 0) > 0;
  });
}

/** Each stop of the Tab key can be seen, and none holds the focus for good. */
async function everyStopIsSeen(page: Page, stops: number): Promise<void> {
  const seen = new Set<string>();
  for (let stop = 0; stop < stops; stop += 1) {
    await press(page, "Tab");
    const [name, outlined] = await page.evaluate(() => {
      const at = document.activeElement;
      if (at === null || at === document.body) return ["nothing", false] as const;
      return [at.outerHTML.slice(0, 200), getComputedStyle(at).outlineStyle !== "none" || at.closest(".MuiInputBase-root.Mui-focused") !== null] as const;
    });
    expect(outlined, `the focus can be seen on ${name}`).toBe(true);
    seen.add(name);
  }
  expect(seen.size).toBeGreaterThan(stops / 2);
}
