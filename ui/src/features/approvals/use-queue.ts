import { type InfiniteData, keepPreviousData, useInfiniteQuery, type UseInfiniteQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";

import { playerQuery } from "@/api/queries";
import type { ApprovalPage, ApprovalView } from "@/api/schema";
import { usePoll } from "@/live/live-store";

import { isBeingDecided, useDecisions } from "./decisions";
import { type Filters } from "./filters";
import { approvalQuery, pendingQuery } from "./queries";

const POLL_MS = 60_000;

export interface Queue {
  items: readonly ApprovalView[];
  /** How many wait in all, of which only some are read. */
  total: number;
  query: UseInfiniteQueryResult<InfiniteData<ApprovalPage>>;
  more: () => void;
  next: ApprovalView | undefined;
  previous: ApprovalView | undefined;
}

/** What waits, in its order, and what is before and after the one that is looked at; the next is read ahead. */
export function useQueue(channel: string | null, filters: Filters, selected: string | undefined): Queue {
  const queries = useQueryClient();
  const query = useInfiniteQuery({ ...pendingQuery(channel, filters), refetchInterval: usePoll(POLL_MS), placeholderData: keepPreviousData });
  const decisions = useDecisions();
  const items = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.items), [query.data]);
  const total = Math.max(query.data?.pages[0]?.total ?? 0, items.length);
  const at = items.findIndex((one) => one.id === selected);
  const isOpen = (one: ApprovalView) => !isBeingDecided(decisions, one.id);
  const next = items.slice(at + 1).find(isOpen);
  const previous = at <= 0 ? undefined : items.slice(0, at).reverse().find(isOpen);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  useEffect(() => {
    if (next === undefined) return;
    void queries.prefetchQuery(approvalQuery(next.id));
    if (next.gate === "video" && next.video !== null) void queries.prefetchQuery(playerQuery(next.video));
  }, [queries, next?.id, next?.gate, next?.video, next]);
  return { items, total, query, more, next, previous };
}

/** The one that is looked at, with its evidence. */
export function useApproval(id: string | undefined) {
  return useQuery({ ...approvalQuery(id ?? ""), enabled: id !== undefined });
}
