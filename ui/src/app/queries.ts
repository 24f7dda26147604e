import { QueryClient } from "@tanstack/react-query";

import { asProblem } from "@/api/problem";

const TRIES = 2;

/** Reads are kept for a moment and tried again where that may help; changes are never sent twice by themselves. */
export function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => {
          const problem = asProblem(error);
          return failures < TRIES && (problem.retryable || problem.status === 0);
        },
        networkMode: "always",
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
