import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { VideoRow } from "@/api/schema";

const PAGE = 200;
const COLUMN = 50;
/** A month of many channels; what is beyond is told to be left out. */
const MOST_PAGES = 10;

export type Status = VideoRow["status"];
export type Sort = "newest" | "oldest" | "publish_at" | "-publish_at" | "title" | "-title";

/** The statuses that people think in, each of several that the studio knows. */
export const GROUPS: readonly { name: string; statuses: readonly Status[] }[] = [
  { name: "Being made", statuses: ["making", "paused", "stopping"] },
  { name: "Wait for you", statuses: ["waiting_for_script", "waiting_for_video", "stuck"] },
  { name: "Going out", statuses: ["publishing", "scheduled", "pulling_back"] },
  { name: "Published", statuses: ["published"] },
  { name: "Ended", statuses: ["refused", "rejected", "failed", "pulled_back"] },
];

export interface Wanted {
  channel: string | null;
  status: Status | null;
  search: string;
  sort: Sort;
}

/** Videos in an order that the service holds over all pages. */
export function videosQuery({ channel, status, search, sort }: Wanted) {
  const query = { limit: PAGE, sort, ...(channel === null ? {} : { channel }), ...(status === null ? {} : { status: [status] }), ...(search === "" ? {} : { search }) };
  return infiniteQueryOptions({
    queryKey: ["videos", "list", query],
    queryFn: ({ pageParam, signal }) => answerOf(api.GET("/v1/videos", { params: { query: { ...query, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}

/** The newest videos of one column of the board. */
export function columnQuery(channel: string | null, statuses: readonly Status[]) {
  const query = { limit: COLUMN, status: [...statuses], ...(channel === null ? {} : { channel }) };
  return queryOptions({
    queryKey: ["videos", "column", query],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/videos", { params: { query }, signal })),
  });
}

export interface Shown {
  items: readonly VideoRow[];
  /** Whether there are more than fit in a calendar. */
  cut: boolean;
}

/** Everything that is or was to be shown between two moments, soonest first. */
export function calendarQuery(channel: string | null, from: string, to: string) {
  return queryOptions({
    queryKey: ["videos", "calendar", channel, from, to],
    queryFn: async ({ signal }): Promise<Shown> => {
      const query = { limit: PAGE, sort: "publish_at" as const, publish_from: from, publish_to: to, ...(channel === null ? {} : { channel }) };
      const items: VideoRow[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const read: { items: VideoRow[]; next: string | null } = await answerOf(api.GET("/v1/videos", { params: { query: { ...query, ...(cursor === null ? {} : { cursor }) } }, signal }));
        items.push(...read.items);
        cursor = read.next;
        if (cursor === null) break;
      }
      return { items, cut: cursor !== null };
    },
  });
}

/** The zone that a channel publishes in. */
export function zoneQuery(channel: string) {
  return queryOptions({
    queryKey: ["channels", "zone", channel],
    queryFn: async ({ signal }) => (await answerOf(api.GET("/v1/channels/{channel_id}/schedule", { params: { path: { channel_id: channel } }, signal }))).zone,
    staleTime: 60_000,
  });
}
