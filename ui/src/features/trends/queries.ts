import { queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { Outlook, Provenance, TrendView } from "@/api/schema";

const MOST = 200;

export function trendsQuery(days: number, provenance: Provenance) {
  return queryOptions({
    queryKey: ["trends", days, provenance],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/trends", { params: { query: { days, provenance, limit: MOST } }, signal })),
    staleTime: 60_000,
  });
}

export interface Cluster {
  name: string;
  topics: TrendView[];
}

/** Topics by what they are about, in the order of the best of each. */
export function clustersOf(topics: readonly TrendView[]): Cluster[] {
  const found = new Map<string, TrendView[]>();
  for (const one of topics) found.set(one.category || "other", [...(found.get(one.category || "other") ?? []), one]);
  return [...found].map(([name, inside]) => ({ name, topics: inside }));
}

export function scoreOf(topic: TrendView): number | null {
  return topic.scores["total"] ?? null;
}

/** How far a forecast can be trusted, in words. */
export function trust(forecast: Outlook | null): { state: string; word: string; means: string } {
  if (forecast === null) return { state: "none", word: "no forecast", means: "Nothing was forecast: there is no series of it that could be measured." };
  const told = {
    skill: { state: "ok", word: "tested", means: "It beat the naive rule on past moments" },
    no_skill: { state: "warning", word: "naive rule", means: "No model beat the naive rule, so that rule is shown" },
    too_short: { state: "none", word: "too short to test", means: "Too few values were measured to test it" },
    stale: { state: "none", word: "too old", means: "Its newest value is too old to forecast from" },
  }[forecast.verdict];
  return { ...told, means: `${told.means}: ${forecast.statement}.` };
}

/** What it is expected to do, in words. */
export function outlook(forecast: Outlook | null): string {
  if (typeof forecast?.growth !== "number") return "";
  const percent = Math.round(forecast.growth * 100);
  if (Math.abs(percent) < 1) return "stays as it is over 48 hours";
  return `${percent > 0 ? "grows" : "falls"} by ${String(Math.abs(percent))}% over 48 hours`;
}
