import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { Provenance } from "@/api/schema";

export type Kind = "topic" | "script" | "lesson";

const MOST = 20;

export interface Asked {
  channel: string;
  q: string;
  kind: Kind;
  provenance: Provenance;
}

export function searchQuery(asked: Asked) {
  return queryOptions({
    queryKey: ["memory", asked],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/memory/search", { params: { query: { ...asked, limit: MOST } }, signal })),
    enabled: asked.q !== "" && asked.channel !== "",
  });
}

export function lessonsQuery(channel: string, provenance: Provenance) {
  return infiniteQueryOptions({
    queryKey: ["lessons", channel, provenance],
    queryFn: ({ pageParam, signal }) => answerOf(api.GET("/v1/lessons", { params: { query: { channel, provenance, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    enabled: channel !== "",
  });
}

export function changesQuery(channel: string) {
  return queryOptions({
    queryKey: ["personality-changes", channel],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/personality-changes", { params: { query: { channel, limit: MOST } }, signal })),
    enabled: channel !== "",
  });
}
