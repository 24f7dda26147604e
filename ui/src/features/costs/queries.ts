import { queryOptions } from "@tanstack/react-query";

import { answerOf, api, versionedOf } from "@/api/client";
import type { Costs, CostRowView } from "@/api/schema";

const DAY_MS = 86_400_000;

/** The UTC day that many days ago. */
export function dayBack(back: number): string {
  return new Date(Date.now() - back * DAY_MS).toISOString().slice(0, 10);
}

export function costsQuery(by: Costs["by"], days: number) {
  return queryOptions({
    queryKey: ["costs", "by", by, days],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/costs", { params: { query: { by, since: dayBack(days - 1) } }, signal })),
  });
}

export const limitsQuery = queryOptions({
  queryKey: ["costs", "limits", "versioned"],
  queryFn: ({ signal }) => versionedOf(api.GET("/v1/cost-limits", { signal })),
});

export const alertsQuery = queryOptions({
  queryKey: ["costs", "alerts"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/cost-alerts", { signal })),
});

export interface DaySpent {
  day: string;
  paid: number;
  open: number;
}

/** Every day of the span, oldest first: days without a row cost nothing. */
export function daysOf(rows: readonly CostRowView[], days: number): DaySpent[] {
  const known = new Map(rows.map((row) => [row.key, row]));
  return Array.from({ length: days }, (_, at) => dayBack(days - 1 - at)).map((day) => {
    const row = known.get(day);
    return { day, paid: row?.booked_usd ?? 0, open: (row?.reserved_usd ?? 0) + (row?.unknown_usd ?? 0) };
  });
}

export function videoCostsQuery(limit: number, channel: string | null) {
  return queryOptions({
    queryKey: ["costs", "videos", limit, channel],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/costs/videos", { params: { query: { limit, ...(channel === null ? {} : { channel }) } }, signal })),
  });
}
