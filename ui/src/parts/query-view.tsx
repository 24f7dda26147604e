import Box from "@mui/material/Box";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { asProblem } from "@/api/problem";

import { LoadingView } from "./loading-view";
import { ProblemView } from "./problem-view";
import { When } from "./when";

interface Parts<T> {
  query: UseQueryResult<T>;
  loading?: ReactNode;
  children: (data: T) => ReactNode;
}

/** As if it were not there. */
const ASIDE = { display: "contents" } as const;

/** What was read, or why not. Data that could not be read again stays, dimmed, with its age. */
export function QueryView<T>({ query, loading, children }: Parts<T>) {
  const retry = () => void query.refetch();
  if (query.data === undefined) {
    return query.isError ? <ProblemView error={query.error} onRetry={retry} /> : (loading ?? <LoadingView />);
  }
  // The same elements with and without trouble: what somebody has begun in them, a dialog or a film, goes on.
  return (
    <Box sx={query.isError ? { display: "grid", gap: 2 } : ASIDE}>
      {query.isError ? (
        <Box sx={{ fontSize: 12, color: "text.secondary" }} role="status">
          {asProblem(query.error).isOffline ? "The service does not answer" : "It could not be read again"}; what you see was read <When at={new Date(query.dataUpdatedAt).toISOString()} />.
        </Box>
      ) : null}
      <Box sx={query.isError ? { display: "grid", gap: 5, minWidth: 0, opacity: 0.6 } : ASIDE}>{children(query.data)}</Box>
    </Box>
  );
}
