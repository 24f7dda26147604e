import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { IncidentView } from "@/api/schema";

const PAGE = 100;

export type Status = IncidentView["status"];

export function incidentsQuery(channel: string | null, status: Status | null) {
  return infiniteQueryOptions({
    queryKey: ["incidents", "list", channel, status],
    queryFn: ({ pageParam, signal }) =>
      answerOf(api.GET("/v1/incidents", { params: { query: { limit: PAGE, ...(channel === null ? {} : { channel }), ...(status === null ? {} : { status }), ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}

export function incidentQuery(id: string) {
  return queryOptions({
    queryKey: ["incidents", "one", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/incidents/{incident_id}", { params: { path: { incident_id: id } }, signal })),
  });
}
