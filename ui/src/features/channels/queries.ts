import { queryOptions } from "@tanstack/react-query";

import { answerOf, api, versionedOf } from "@/api/client";
import type { AccountView } from "@/api/schema";

const MINUTE_MS = 60_000;

/** One channel with the version that an edit is based on. */
export function channelQuery(id: string) {
  return queryOptions({
    queryKey: ["channels", "one", id],
    queryFn: ({ signal }) => versionedOf(api.GET("/v1/channels/{channel_id}", { params: { path: { channel_id: id } }, signal })),
  });
}

export function scheduleQuery(id: string) {
  return queryOptions({
    queryKey: ["channels", "schedule", id],
    queryFn: ({ signal }) => versionedOf(api.GET("/v1/channels/{channel_id}/schedule", { params: { path: { channel_id: id } }, signal })),
  });
}

export const personalitiesQuery = queryOptions({
  queryKey: ["personalities"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/personalities", { signal })),
  staleTime: Infinity,
});

export function samenessQuery(id: string) {
  return queryOptions({
    queryKey: ["channels", "sameness", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/channels/{channel_id}/sameness", { params: { path: { channel_id: id } }, signal })),
  });
}

export const accountsQuery = queryOptions({
  queryKey: ["accounts"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/accounts", { signal })),
  staleTime: MINUTE_MS,
});

export const quotasQuery = queryOptions({
  queryKey: ["quotas"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/quotas", { signal })),
  staleTime: MINUTE_MS,
});

/** How a connection stands, for a chip; `account` is null where there is none. */
export function connection(account: AccountView | null): { state: string; word: string } {
  if (account === null) return { state: "none", word: "not connected" };
  return account.healthy ? { state: "ok", word: "connected" } : { state: "broken", word: account.state === "active" ? "broken" : account.state.replaceAll("_", " ") };
}
