import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";

import type { Filters } from "./filters";

const PAGE = 200;

/** What waits, as the filters want it; further pages are read as the list is scrolled. */
export function pendingQuery(channel: string | null, { gate, risk, olderS, sort }: Filters) {
  const wanted = { status: "pending" as const, limit: PAGE, sort, ...(channel === null ? {} : { channel }), ...(gate === null ? {} : { gate }), ...(risk === null ? {} : { risk }), ...(olderS === null ? {} : { older_s: olderS }) };
  return infiniteQueryOptions({
    queryKey: ["approvals", "pending", wanted],
    queryFn: ({ pageParam, signal }) => answerOf(api.GET("/v1/approvals", { params: { query: { ...wanted, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}

export function approvalQuery(id: string) {
  return queryOptions({
    queryKey: ["approvals", "one", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/approvals/{approval_id}", { params: { path: { approval_id: id } }, signal })),
    staleTime: 30_000,
  });
}
