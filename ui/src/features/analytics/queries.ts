import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { Figure, VideoFigures } from "@/api/schema";

const PAGE = 50;

export function publicationsQuery(channel: string | null) {
  return infiniteQueryOptions({
    queryKey: ["analytics", "videos", channel],
    queryFn: ({ pageParam, signal }) =>
      answerOf(api.GET("/v1/analytics/videos", { params: { query: { limit: PAGE, ...(channel === null ? {} : { channel }), ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    staleTime: 60_000,
  });
}

export function channelFiguresQuery(channel: string) {
  return queryOptions({
    queryKey: ["analytics", "channels", channel],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/analytics/channels/{channel_id}", { params: { path: { channel_id: channel } }, signal })),
    staleTime: 60_000,
  });
}

export const NUMBER = new Intl.NumberFormat("en-US");

/** A figure in words: a share as percent, and a dash for what is not known. */
export function told(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return name === "ctr" ? `${(value * 100).toFixed(1)}%` : NUMBER.format(value);
}

export function figureOf(video: VideoFigures, name: string): Figure | undefined {
  return video.figures[name];
}

/** Publications whose views are known, the oldest first: what a chart can show without guessing. */
export function withViews(videos: readonly VideoFigures[]): { name: string; views: number; at: string }[] {
  return videos
    .flatMap((one) => {
      const views = one.figures["views"]?.value;
      return typeof views === "number" && one.published_at !== null ? [{ name: one.publication, views, at: one.published_at }] : [];
    })
    .reverse();
}

export function productionsQuery(days: number, channel: string | null) {
  return queryOptions({
    queryKey: ["analytics", "productions", days, channel],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/analytics/productions", { params: { query: { days, ...(channel === null ? {} : { channel }) } }, signal })),
  });
}

export function forecastsQuery(channel: string | null) {
  return queryOptions({
    queryKey: ["analytics", "forecasts", channel],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/analytics/forecasts", { params: { query: channel === null ? {} : { channel } }, signal })),
  });
}
