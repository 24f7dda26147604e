import { queryOptions } from "@tanstack/react-query";

import { answerOf, api, versionedOf } from "./client";

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

export function waitedQuery(hours: number) {
  return queryOptions({
    queryKey: ["analytics", "waiting", hours],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/analytics/waiting", { params: { query: { hours } }, signal })),
  });
}

/** The address of a sample, in the page's memory: read once, and kept, since there are two of each personality and no more. */
export function sampleQuery(personality: string, kind: "still" | "voice") {
  return queryOptions({
    queryKey: ["personalities", "sample", personality, kind],
    queryFn: async ({ signal }) => URL.createObjectURL(await answerOf(api.GET("/v1/personalities/{personality_id}/samples/{kind}", { params: { path: { personality_id: personality, kind } }, parseAs: "blob", signal }))),
    staleTime: Infinity,
    gcTime: Infinity,
  });
}

/** The script with its version, for whoever edits it. */
export function scriptVersionQuery(video: string) {
  return queryOptions({
    queryKey: ["videos", "script-version", video],
    queryFn: ({ signal }) => versionedOf(api.GET("/v1/videos/{video_id}/script", { params: { path: { video_id: video } }, signal })),
  });
}

export function traceQuery(run: string) {
  return queryOptions({
    queryKey: ["runs", "trace", run],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/runs/{run_id}/trace", { params: { path: { run_id: run } }, signal })),
  });
}

/** What a run kept, by its digest: it never changes. */
export function artifactQuery(run: string, digest: string) {
  return queryOptions({
    queryKey: ["artifact", run, digest],
    queryFn: async ({ signal }) => answerOf<unknown>(api.GET("/v1/runs/{run_id}/artifacts/{digest}", { params: { path: { run_id: run, digest } }, signal })),
    staleTime: Infinity,
  });
}
