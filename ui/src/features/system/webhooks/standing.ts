import type { EndpointView } from "@/api/schema";
import type { Tone } from "@/theme/tokens";

/** How an address fares, in a word. */
export function standingOf(one: EndpointView): { word: string; tone: Tone } {
  if (one.paused) return { word: "paused", tone: "waiting" };
  if (one.rests_until !== null) return { word: "rests", tone: "trouble" };
  if (one.failures > 0) return { word: `failed ${String(one.failures)} in a row`, tone: "trouble" };
  return { word: "takes events", tone: "good" };
}

const KIND = /^(\*|[a-z_]{1,40}(\.[a-z_]{1,40})?)$/;
const MOST = 50;

/** What was typed with commas or spaces between, as kinds; undefined where one is none. */
export function kindsOf(text: string): string[] | undefined {
  const kinds = [...new Set(text.split(/[\s,]+/).filter((one) => one !== ""))];
  return kinds.length > 0 && kinds.length <= MOST && kinds.every((one) => KIND.test(one)) ? kinds : undefined;
}
