import { queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { VideoRow } from "@/api/schema";

import { MOST_ROWS as SHOWN } from "./row";


function only(channel: string | null): { channel?: string } {
  return channel === null ? {} : { channel };
}

export function pendingQuery(channel: string | null) {
  return queryOptions({
    queryKey: ["approvals", "pending", "newest", channel],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/approvals", { params: { query: { status: "pending", limit: SHOWN, ...only(channel) } }, signal })),
  });
}

export function troubleQuery(channel: string | null) {
  return queryOptions({
    queryKey: ["incidents", "open", channel],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/incidents", { params: { query: { status: "open", limit: SHOWN, ...only(channel) } }, signal })),
  });
}

export function videosQuery(status: VideoRow["status"], channel: string | null) {
  return queryOptions({
    queryKey: ["videos", status, channel],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/videos", { params: { query: { status: [status], limit: SHOWN, ...only(channel) } }, signal })),
  });
}

const DAYS = 14;
const DAY_MS = 86_400_000;

function day(back: number): string {
  return new Date(Date.now() - back * DAY_MS).toISOString().slice(0, 10);
}

export const spendQuery = queryOptions({
  queryKey: ["costs", "days"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/costs", { params: { query: { by: "day", since: day(DAYS - 1) } }, signal })),
});

export const limitsQuery = queryOptions({
  queryKey: ["costs", "limits"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/cost-limits", { signal })),
  staleTime: 60_000,
});

/** The last days, oldest first, each with what was booked: days without a row cost nothing. */
export function byDay(rows: readonly { key: string | null; booked_usd: number; reserved_usd: number }[]): { day: string; usd: number }[] {
  const known = new Map(rows.map((row) => [row.key, row.booked_usd + row.reserved_usd]));
  return Array.from({ length: DAYS }, (_, at) => day(DAYS - 1 - at)).map((one) => ({ day: one, usd: known.get(one) ?? 0 }));
}
