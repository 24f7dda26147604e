import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import type { DeadLetter } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { ProblemView } from "@/parts/problem-view";
import { toast, toastProblem } from "@/parts/toasts";
import { VirtualList } from "@/parts/virtual-list";
import { When } from "@/parts/when";
import { plain } from "@/parts/words";
import { useSession } from "@/session/session-store";

import { deadLettersQuery } from "./queries";

const ROW = 56;
const idOf = (one: DeadLetter) => one.id;

/** Jobs that failed for good, and can be tried again. */
export function DeadLetters() {
  const letters = useInfiniteQuery(deadLettersQuery);
  const items = useMemo(() => (letters.data?.pages ?? []).flatMap((page) => page.items), [letters.data]);
  const more = () => {
    if (letters.hasNextPage && !letters.isFetchingNextPage) void letters.fetchNextPage();
  };
  if (letters.isPending) return <Box sx={{ padding: 4, flex: 1 }}><LoadingView rows={5} /></Box>;
  if (letters.isError && items.length === 0) return <Box sx={{ padding: 4, flex: 1 }}><ProblemView error={letters.error} onRetry={() => void letters.refetch()} /></Box>;
  if (items.length === 0) return <Box sx={{ flex: 1 }}><EmptyView icon="check" title="No dead letter">A job that failed as often as it may is kept here.</EmptyView></Box>;
  return <VirtualList items={items} label="Dead letters" rowHeight={ROW} idOf={idOf} onNearEnd={more}>{(one) => <Letter letter={one} />}</VirtualList>;
}

function Letter({ letter }: { letter: DeadLetter }) {
  const queries = useQueryClient();
  const may = useSession((session) => session.permissions.has("tasks:cancel"));
  const replay = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/dead-letters/{job_id}/replay", { params: { path: { job_id: letter.id }, header: { "idempotency-key": onceKey() } } })),
    onSuccess: () => {
      toast("success", "The job is tried again.");
      void queries.invalidateQueries({ queryKey: ["tasks"] });
      void queries.invalidateQueries({ queryKey: ["waiting"] });
    },
    onError: (error) => { toastProblem(error); },
  });
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 4, height: ROW, paddingInline: 4, borderBottom: 1, borderColor: "divider" }}>
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Box sx={{ fontSize: 14, fontWeight: 540 }}>{plain(letter.tool)}</Box>
        <Box sx={{ fontSize: 12, color: "text.secondary", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{letter.error.message ?? "no reason was kept"}</Box>
      </Box>
      <Box sx={{ fontSize: 12, color: "text.secondary" }}>{letter.finished_at ? <When at={letter.finished_at} /> : null}</Box>
      {may ? <Button variant="outlined" color="inherit" disabled={replay.isPending} onClick={() => { replay.mutate(); }}>Try again</Button> : null}
    </Box>
  );
}
