import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page, type Request } from "playwright-core";
import { expect } from "vitest";

import { watchInPage } from "./watched";

export const CHROMIUM = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path)) ?? "";
export const OUT = resolve(import.meta.dirname, "../../var/e2e");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTH = 1440;
const HEIGHT = 900;
const PATIENCE_MS = 90_000;
const STILL = 3;
const STILL_MS = 100;
const underWay = new WeakMap<Page, Set<Request>>();
/** What a page says when the service is away or says no: those are told in the page, and looked at there. */
const EXPECTED = /Failed to load resource|WebSocket connection/;

export interface Tab {
  page: Page;
  context: BrowserContext;
  /** What its scripts complained of. */
  complaints: string[];
}

export async function openBrowser(): Promise<Browser> {
  mkdirSync(OUT, { recursive: true });
  // Containers have no user namespaces for Chromium's own sandbox; the pages are our own.
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] });
}

/** A tab: of a browser in which nobody is signed in, or beside another one. */
export async function openTab(where: Browser | BrowserContext): Promise<Tab> {
  const context = "newContext" in where ? await where.newContext({ viewport: { width: WIDTH, height: HEIGHT }, colorScheme: "light", reducedMotion: "reduce", timezoneId: "Europe/Berlin" }) : where;
  if ("newContext" in where) await context.addInitScript(watchInPage);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  watchRequests(page);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (said) => {
    if (said.type() === "error" && !EXPECTED.test(said.text())) complaints.push(said.text());
  });
  return { page, context, complaints };
}

/** Nothing is being read any more: no request is under way, no skeleton is left, no picture half there, and the fonts are. */
export async function settled(page: Page): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  // A screen is shown when all of it is there: until then the one before stands still.
  for (let still = 0; still < STILL; still += 1) {
    const rests = await page.evaluate(() => {
      const waits = document.querySelector("[aria-label=Loading], .MuiSkeleton-root") !== null;
      const pictures = [...document.images].every((one) => one.complete || one.loading === "lazy");
      return !waits && pictures && document.fonts.status === "loaded";
    });
    if (!rests || (underWay.get(page)?.size ?? 0) > 0) still = 0;
    if (Date.now() > end) throw new Error(`${page.url()} is still being read after ${String(PATIENCE_MS / 1000)} s: ${[...(underWay.get(page) ?? [])].map((one) => one.url()).join(", ")}`);
    await new Promise((done) => setTimeout(done, STILL_MS));
  }
}

function watchRequests(page: Page): void {
  const going = new Set<Request>();
  underWay.set(page, going);
  page.on("request", (one) => { if (one.resourceType() !== "media") going.add(one); });
  // An answer whose body nobody reads is never finished.
  page.on("response", (one) => going.delete(one.request()));
  page.on("requestfailed", (one) => going.delete(one));
}

/** Go to an address as a link does, without loading the page again. */
export async function walk(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState({}, "", to);
    dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  }, path);
  await page.waitForURL((url) => url.pathname.startsWith(path.split("?")[0] ?? path));
}

/** A picture of the screen, light and dark, and nothing serious that a checker of accessibility finds in either. */
export async function picture(page: Page, name: string, ready: (page: Page) => Promise<void> = settled): Promise<void> {
  await ready(page);
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.waitForFunction((wanted) => document.documentElement.getAttribute("data-scheme") === wanted, scheme);
    await ready(page);
    await page.screenshot({ path: join(OUT, `${name}-${scheme}.png`) });
    await expectAccessible(page, `${name}, ${scheme}`);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

async function expectAccessible(page: Page, where: string): Promise<void> {
  // Through the debugger, which the page's policy does not bind.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const found = await page.evaluate(() => (window as unknown as { axe: { run: (context: Document, options: object) => Promise<AxeResults> } }).axe.run(document, { resultTypes: ["violations"] }));
  const serious = found.violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  // Softly: the life that the page goes through is shown to its end all the same.
  expect.soft(serious.map((one) => `${where}: ${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary ?? ""}`).join(" | ")}`)).toEqual([]);
}
