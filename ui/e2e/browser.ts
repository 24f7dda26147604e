import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

import type { AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

export const CHROMIUM = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path)) ?? "";
const SHOTS = resolve(import.meta.dirname, "../../var/e2e");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTH = 1440;
const HEIGHT = 900;

export async function openBrowser(): Promise<Browser> {
  mkdirSync(SHOTS, { recursive: true });
  // Containers have no user namespaces for Chromium's own sandbox; the pages are our own.
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] });
}

export async function openPage(browser: Browser): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: WIDTH, height: HEIGHT }, colorScheme: "light", bypassCSP: false, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (said) => {
    if (said.type() === "error" && !/Failed to load resource|WebSocket connection/.test(said.text())) complaints.push(said.text());
  });
  return { page, complaints };
}

/** A picture of the screen, light and dark, and nothing serious that a checker of accessibility finds in either. */
export async function picture(page: Page, name: string): Promise<void> {
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.waitForFunction((wanted) => document.documentElement.getAttribute("data-scheme") === wanted, scheme);
    // Before each: a page that is still the one before may have nothing to wait for yet.
    await page.waitForFunction(() => document.querySelector("[aria-label=Loading], .MuiSkeleton-root") === null);
    await page.screenshot({ path: join(SHOTS, `${name}-${scheme}.png`) });
    await expectAccessible(page, `${name}, ${scheme}`);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

async function expectAccessible(page: Page, where: string): Promise<void> {
  // Through the debugger, which the page's policy does not bind.
  await page.evaluate(AXE);
  const found = await page.evaluate(() => (window as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run());
  const serious = found.violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  // Softly: the life that the page goes through is shown to its end all the same.
  expect.soft(serious.map((one) => `${where}: ${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary ?? ""}`).join(" | ")}`)).toEqual([]);
}
