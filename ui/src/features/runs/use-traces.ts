import { useQueries } from "@tanstack/react-query";

import { traceQuery } from "@/api/queries";
import type { RunView } from "@/api/schema";

import type { Traced } from "./picked-panel";
import { DRAWN } from "./queries";

const POLL_MS = 10_000;

/** What the newest productions of an autonomous run did; those that go on are asked again. */
export function useTraces(runs: readonly RunView[]): readonly Traced[] {
  const newest = runs.slice(0, DRAWN);
  return useQueries({
    queries: newest.map((one) => ({ ...traceQuery(one.id), refetchInterval: one.finished_at === null ? POLL_MS : (false as const), staleTime: one.finished_at === null ? 0 : Infinity })),
    combine: (answers) => answers.flatMap((answer, at): Traced[] => (answer.data === undefined ? [] : [{ run: newest[at]?.id ?? "", trace: answer.data }])),
  });
}
