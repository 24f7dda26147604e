import { queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "./client";

/** What more than one screen reads. A key begins with the noun, so that events of that noun make it old. */

export const waitingQuery = queryOptions({
  queryKey: ["waiting"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/system/waiting", { signal })),
});

export const channelsQuery = queryOptions({
  queryKey: ["channels", "all"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/channels", { params: { query: { limit: 200 } }, signal })),
  staleTime: 60_000,
});

export const switchesQuery = queryOptions({
  queryKey: ["switches"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/switches", { signal })),
});

export function playerQuery(video: string) {
  return queryOptions({
    queryKey: ["videos", "player", video],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/videos/{video_id}/player", { params: { path: { video_id: video } }, signal })),
    staleTime: 60_000,
  });
}

export function scriptQuery(video: string) {
  return queryOptions({
    queryKey: ["videos", "script", video],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/videos/{video_id}/script", { params: { path: { video_id: video } }, signal })),
  });
}
