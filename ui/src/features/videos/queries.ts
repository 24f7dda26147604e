import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { VideoRow } from "@/api/schema";

const PAGE = 200;

export type Status = VideoRow["status"];

/** The statuses that people think in, each of several that the studio knows. */
export const GROUPS: readonly { name: string; statuses: readonly Status[] }[] = [
  { name: "Being made", statuses: ["making", "stopping"] },
  { name: "Wait for you", statuses: ["waiting_for_script", "waiting_for_video", "stuck"] },
  { name: "Going out", statuses: ["publishing", "scheduled", "pulling_back"] },
  { name: "Published", statuses: ["published"] },
  { name: "Ended", statuses: ["refused", "rejected", "failed", "pulled_back"] },
];

export function videosQuery(channel: string | null, status: Status | null) {
  return infiniteQueryOptions({
    queryKey: ["videos", "list", channel, status],
    queryFn: ({ pageParam, signal }) =>
      answerOf(api.GET("/v1/videos", { params: { query: { limit: PAGE, ...(channel === null ? {} : { channel }), ...(status === null ? {} : { status }), ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}

export function videoQuery(id: string) {
  return queryOptions({
    queryKey: ["videos", "one", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/videos/{video_id}", { params: { path: { video_id: id } }, signal })),
  });
}

export function filesQuery(id: string) {
  return queryOptions({
    queryKey: ["videos", "files", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/videos/{video_id}/files", { params: { path: { video_id: id } }, signal })),
  });
}

export function runCostsQuery(run: string) {
  return queryOptions({
    queryKey: ["costs", "run", run],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/runs/{run_id}/costs", { params: { path: { run_id: run } }, signal })),
  });
}
