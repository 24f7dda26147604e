import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answerOf, api, versionedOf } from "@/api/client";
import type { DeliveryView } from "@/api/schema";

const PAGE = 50;
/** At most twenty to a tenant. */
const ALL = 200;

export type DeliveryStatus = DeliveryView["status"];

export const endpointsQuery = queryOptions({
  queryKey: ["webhooks", "all"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/webhook-endpoints", { params: { query: { limit: ALL } }, signal })),
});

/** With its version, for edits of what was seen. */
export function endpointQuery(id: string) {
  return queryOptions({
    queryKey: ["webhooks", "one", id],
    queryFn: ({ signal }) => versionedOf(api.GET("/v1/webhook-endpoints/{endpoint_id}", { params: { path: { endpoint_id: id } }, signal })),
  });
}

export function deliveriesQuery(id: string, status: DeliveryStatus | null) {
  return infiniteQueryOptions({
    queryKey: ["webhooks", "deliveries", id, status],
    queryFn: ({ pageParam, signal }) =>
      answerOf(api.GET("/v1/webhook-endpoints/{endpoint_id}/deliveries", { params: { path: { endpoint_id: id }, query: { limit: PAGE, ...(status === null ? {} : { status }), ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}
