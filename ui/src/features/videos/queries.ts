import { queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";

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

export function publicationQuery(publication: string) {
  return queryOptions({
    queryKey: ["analytics", "video", publication],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/analytics/videos/{publication_id}", { params: { path: { publication_id: publication } }, signal })),
  });
}
