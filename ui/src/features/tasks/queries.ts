import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { TaskView } from "@/api/schema";

import type { Player } from "./call-shape";

const PAGE = 100;

export type Status = TaskView["status"];

export function tasksQuery(channel: string | null, status: Status | null) {
  return infiniteQueryOptions({
    queryKey: ["tasks", "list", channel, status],
    queryFn: ({ pageParam, signal }) =>
      answerOf(api.GET("/v1/tasks", { params: { query: { limit: PAGE, ...(channel === null ? {} : { channel }), ...(status === null ? {} : { status }), ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}

export const deadLettersQuery = infiniteQueryOptions({
  queryKey: ["tasks", "dead-letters"],
  queryFn: ({ pageParam, signal }) => answerOf(api.GET("/v1/dead-letters", { params: { query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next,
});

export function taskQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/tasks/{task_id}", { params: { path: { task_id: id } }, signal })),
  });
}

/** The agents that a task may ask alone, or the tools that it may call, each with what it takes. */
export function playersQuery(kind: "agent" | "tool") {
  return queryOptions({
    queryKey: ["tasks", "players", kind],
    queryFn: async ({ signal }): Promise<readonly Player[]> => {
      if (kind === "agent") return (await answerOf(api.GET("/v1/agents", { signal }))).items.map(({ name, input }) => ({ name, takes: input }));
      return (await answerOf(api.GET("/v1/tools", { signal }))).items.map(({ name, args }) => ({ name, takes: args }));
    },
    staleTime: Infinity,
  });
}
