import type { Page } from "playwright-core";

/** What the page's own browser says of how it feels: kept in the page from its first moment on. */
export interface Watched {
  /** When its largest part was painted, in ms after the navigation. */
  largestMs: number;
  largest: string;
  /** Parts that moved without the person having done anything. */
  shifts: { at: number; value: number; moved: string[] }[];
  /** Frames that took longer than 50 ms. */
  longFrames: number[];
}

type Holder = Window & { ytempireWatched?: Watched };

interface Shift extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
  sources: { node: Node | null }[];
}

/** Runs in the page before its own scripts. */
export function watchInPage(): void {
  const seen: Watched = { largestMs: 0, largest: "", shifts: [], longFrames: [] };
  (window as Holder).ytempireWatched = seen;
  const told = (node: Node | null): string => {
    const element = node instanceof Element ? node : node?.parentElement;
    return element ? `<${element.tagName.toLowerCase()}> ${(element.textContent ?? "").slice(0, 40)}` : "gone";
  };
  const watch = (type: string, heard: (entry: PerformanceEntry) => void) => {
    new PerformanceObserver((list) => { list.getEntries().forEach(heard); }).observe({ type, buffered: true });
  };
  watch("largest-contentful-paint", (entry) => {
    seen.largestMs = entry.startTime;
    seen.largest = told((entry as PerformanceEntry & { element: Node | null }).element);
  });
  watch("layout-shift", (entry) => {
    const shift = entry as Shift;
    if (!shift.hadRecentInput) seen.shifts.push({ at: shift.startTime, value: shift.value, moved: shift.sources.map((one) => told(one.node)) });
  });
  watch("long-animation-frame", (entry) => { seen.longFrames.push(Math.round(entry.duration)); });
}

export async function watched(page: Page): Promise<Watched> {
  return page.evaluate(() => (window as Holder).ytempireWatched ?? { largestMs: 0, largest: "", shifts: [], longFrames: [] });
}

/** Forget what was seen so far. */
export async function watchAnew(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = (window as Holder).ytempireWatched;
    if (seen) Object.assign(seen, { shifts: [], longFrames: [] });
  });
}

/** A thousandth of the window: nothing that a person would see move. */
export const MOST_MOVED = 0.001;
/** What web vitals call a good layout shift. */
export const GOOD_SHIFT = 0.1;

/** What moved most at a time, as vitals count it: shifts less than a second apart are one burst, which lasts five seconds at most. */
export async function worstBurst(page: Page): Promise<{ value: number; moved: string[] }> {
  const bursts: { from: number; last: number; value: number; moved: string[] }[] = [];
  for (const { at, value, moved } of (await watched(page)).shifts) {
    const burst = bursts.at(-1);
    if (burst && at - burst.last < 1000 && at - burst.from < 5000) Object.assign(burst, { last: at, value: burst.value + value, moved: [...burst.moved, ...moved] });
    else bursts.push({ from: at, last: at, value, moved });
  }
  return bursts.reduce((worst, one) => (one.value > worst.value ? one : worst), { value: 0, moved: [] as string[] });
}

/** How much of the window moved, and how far, without the person having done anything. */
export async function movedOf(page: Page): Promise<number> {
  return (await watched(page)).shifts.reduce((sum, one) => sum + one.value, 0);
}
