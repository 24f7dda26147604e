import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { AutonomousRunDetail, NewAutonomousRun, RunEvent, RunView } from "@/api/schema";

const PAGE = 100;
const EVENTS = 200;
const MOST_PAGES = 20;
/** How many productions of an autonomous run are drawn: the newest. */
export const DRAWN = 8;

export type RunStatus = RunView["status"];
export type AutonomousStatus = AutonomousRunDetail["status"];

/** Whether a run could start as it is asked for; `live` asks providers and sources outside too. */
export function readinessQuery(asked: NewAutonomousRun, live: boolean) {
  return queryOptions({
    queryKey: ["autonomous-runs", "readiness", asked, live],
    queryFn: ({ signal }) => answerOf(api.POST("/v1/autonomous-runs/readiness", { body: asked, params: { query: { live } }, signal })),
    staleTime: 5_000,
    retry: false,
  });
}

export function runsQuery(channel: string | null, status: RunStatus | null) {
  return infiniteQueryOptions({
    queryKey: ["runs", "list", channel, status],
    queryFn: ({ pageParam, signal }) =>
      answerOf(api.GET("/v1/runs", { params: { query: { limit: PAGE, ...(channel === null ? {} : { channel }), ...(status === null ? {} : { status }), ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}

export const autonomousRunsQuery = queryOptions({
  queryKey: ["autonomous-runs", "list"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/autonomous-runs", { params: { query: { limit: 20 } }, signal })),
});

export function autonomousQuery(id: string) {
  return queryOptions({
    queryKey: ["autonomous-runs", "one", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/autonomous-runs/{run_id}", { params: { path: { run_id: id } }, signal })),
  });
}

export function productionsQuery(id: string) {
  return queryOptions({
    queryKey: ["runs", "of", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/runs", { params: { query: { autonomous_run: id, limit: 100 } }, signal })),
  });
}

export function requestQuery(id: string) {
  return queryOptions({
    queryKey: ["autonomous-runs", "request", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/autonomous-runs/{run_id}/request", { params: { path: { run_id: id } }, signal })),
  });
}

export function reportsQuery(id: string) {
  return queryOptions({
    queryKey: ["autonomous-runs", "reports", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/autonomous-runs/{run_id}/reports", { params: { path: { run_id: id } }, signal })),
  });
}

export function runQuery(id: string) {
  return queryOptions({
    queryKey: ["runs", "one", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/runs/{run_id}", { params: { path: { run_id: id } }, signal })),
  });
}

export function runCostsQuery(id: string) {
  return queryOptions({
    queryKey: ["runs", "costs", id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/runs/{run_id}/costs", { params: { path: { run_id: id } }, signal })),
  });
}

/** The whole log of a production or of an autonomous run, oldest first. */
export function logQuery(kind: "runs" | "autonomous-runs", id: string) {
  return queryOptions({ queryKey: [kind, "log", id], queryFn: ({ signal }) => readLog(kind, id, signal) });
}

async function readLog(kind: "runs" | "autonomous-runs", id: string, signal: AbortSignal): Promise<RunEvent[]> {
  const found: RunEvent[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const asked: { params: { path: { run_id: string }; query: { limit: number; cursor?: string } }; signal: AbortSignal } = { params: { path: { run_id: id }, query: { limit: EVENTS, ...(cursor === null ? {} : { cursor }) } }, signal };
    const told = await answerOf(kind === "runs" ? api.GET("/v1/runs/{run_id}/timeline", asked) : api.GET("/v1/autonomous-runs/{run_id}/timeline", asked));
    found.push(...told.items);
    if (told.items.length < EVENTS) break;
    cursor = told.next;
  }
  return found;
}
