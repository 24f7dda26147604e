import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";

const PAGE = 100;

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/system/health", { signal })),
});

export function recoveriesQuery(days: number) {
  return queryOptions({
    queryKey: ["analytics", "recoveries", days],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/analytics/recoveries", { params: { query: { days } }, signal })),
  });
}

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/settings", { signal })),
});

export interface Sought {
  actor: string;
  action: string;
  subject: string;
}

const ACTION = /^[a-z_]+(\.[a-z_]+)?$/;

/** Whether an action is spelled as the trail spells them: `session`, or `session.confirmed`. */
export function isAction(text: string): boolean {
  return text === "" || ACTION.test(text);
}

/** What was done, newest first, as far as it fits. */
export function auditQuery(sought: Sought) {
  const wanted = Object.fromEntries(Object.entries(sought).filter(([, value]) => value !== ""));
  return infiniteQueryOptions({
    queryKey: ["audit", wanted],
    queryFn: ({ pageParam, signal }) => answerOf(api.GET("/v1/audit", { params: { query: { limit: PAGE, ...wanted, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}
