import type { Page } from "playwright-core";

import { picture, settled, walk } from "./browser";
import { CHANNEL, press, type Stage } from "./stage";

/** What no place of the rail shows by itself. */
const INNER: readonly (readonly [string, string])[] = [
  ["channels-new", "/channels/new"],
  ["channel", `/channels/${CHANNEL}`],
  ["runs-start", "/runs/start"],
  ["account", "/account"],
  ["system-settings", "/system/settings"],
  ["system-people", "/system/people"],
  ["system-webhooks", "/system/webhooks"],
  ["system-billing", "/system/billing"],
  ["system-audit", "/system/audit"],
  ["not-found", "/nowhere"],
];

/** Every screen with what it holds by now, light and dark: looked at for contrast and names, and for anything that could not be read. */
export function everyScreen(stage: () => Stage): void {
  test("every place of the rail", async () => {
    const page = await stage().home();
    const places = await page.getByRole("navigation", { name: "Places" }).getByRole("link").evaluateAll((links) => links.map((one) => one.getAttribute("href") ?? "/"));
    expect(places.length).toBeGreaterThan(11);
    for (const place of places) {
      await page.locator(`nav[aria-label=Places] a[href="${place}"]`).click();
      await shown(page, place === "/" ? "home" : place.slice(1).replaceAll("/", "-"));
    }
  });

  test("every page behind them", async () => {
    const page = await stage().home();
    const found = await (await stage().studio()).pages();
    for (const [name, path] of [...INNER, ...found]) {
      await walk(page, path);
      await shown(page, name);
    }
    await walk(page, "/videos");
    for (const shape of ["Calendar", "Board", "Table"]) {
      await page.getByRole("button", { name: shape }).click();
      await shown(page, `videos-${shape.toLowerCase()}`);
    }
  });

  test("a narrow window has its places behind a button", async () => {
    const page = await stage().home();
    const size = page.viewportSize() ?? { width: 1440, height: 900 };
    await walk(page, "/");
    await page.setViewportSize({ width: 420, height: 800 });
    await shown(page, "narrow-home");
    await fits(page, "home");
    await page.getByRole("button", { name: "Places" }).click();
    await page.getByRole("dialog", { name: "Places" }).getByRole("link", { name: "Videos" }).waitFor();
    await shown(page, "narrow-places");
    await page.getByRole("dialog", { name: "Places" }).getByRole("link", { name: "Videos" }).click();
    await page.getByRole("heading", { name: "Videos", level: 1 }).waitFor();
    await page.getByRole("dialog", { name: "Places" }).waitFor({ state: "detached" });
    await settled(page);
    await fits(page, "videos");
    await walk(page, "/approvals");
    await shown(page, "narrow-approvals");
    await fits(page, "approvals");
    const runs = (await (await stage().studio()).pages()).filter(([name]) => name.endsWith("run"));
    for (const [name, path] of [["runs", "/runs"], ["trends", "/trends"], ["audit", "/system/audit"], ...runs] as const) {
      await walk(page, path);
      await shown(page, `narrow-${name}`);
      await fits(page, name);
    }
    await page.setViewportSize(size);
  });

  test("keys, the palette, the account and the kill-switch", async () => {
    const page = await stage().home();
    await walk(page, "/");
    await press(page, "?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await picture(page, "keys");
    await press(page, "Escape", "Control+k");
    await page.getByRole("combobox", { name: "Search and commands" }).fill("go");
    await page.getByRole("option", { name: /Go to Home/ }).waitFor();
    await picture(page, "palette");
    await press(page, "Escape");
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
    await picture(page, "account-menu");
    await press(page, "Escape");
    await page.getByRole("button", { name: "Fold places to icons" }).click();
    await picture(page, "rail-folded");
    await page.getByRole("button", { name: "Show the names of places" }).click();
    await page.getByRole("button", { name: "Stop", exact: true }).hover();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByRole("dialog", { name: "Stop everything" }).waitFor();
    await page.getByLabel("Why").fill("trying it out");
    await page.getByLabel("Type stop to go on").fill("stop");
    await page.getByRole("button", { name: "Stop everything" }).hover();
    await picture(page, "stop");
    await page.getByRole("button", { name: "Stop everything" }).click();
    const everything = page.getByRole("button", { name: "Everything is stopped" });
    await everything.waitFor();
    await everything.hover();
    await picture(page, "stopped");
    await everything.click();
    await page.getByLabel("Why").fill("it was only tried out");
    await page.getByLabel("Type go on to go on").fill("go on");
    await page.getByRole("button", { name: "Let it go on" }).click();
    await everything.waitFor({ state: "detached" });
  });
}

async function shown(page: Page, name: string): Promise<void> {
  await settled(page);
  await picture(page, name);
  const wrong = await page.locator("main .MuiAlert-colorError").allTextContents();
  expect.soft(wrong.map((one) => `${name}: ${one}`)).toEqual([]);
}

/** Nothing reaches beyond the window but what scrolls by itself. */
async function fits(page: Page, name: string): Promise<void> {
  const beyond = await page.evaluate(() => [document.documentElement, document.getElementById("content")].map((one) => (one === null ? 0 : one.scrollWidth - one.clientWidth)));
  expect.soft([name, ...beyond]).toEqual([name, 0, 0]);
}
