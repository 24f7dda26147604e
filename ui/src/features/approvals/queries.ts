import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { ApprovalView } from "@/api/schema";

const PAGE = 200;

export type Gate = ApprovalView["gate"];

/** What waits, newest first; further pages are read as the list is scrolled. */
export function pendingQuery(channel: string | null) {
  return infiniteQueryOptions({
    queryKey: ["approvals", "pending", "all", channel],
    queryFn: ({ pageParam, signal }) =>
      answerOf(api.GET("/v1/approvals", { params: { query: { status: "pending", limit: PAGE, ...(channel === null ? {} : { channel }), ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
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
