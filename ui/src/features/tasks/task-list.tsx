import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router-dom";

import type { TaskView } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { ProblemView } from "@/parts/problem-view";
import { StateChip } from "@/parts/state-chip";
import { VirtualList } from "@/parts/virtual-list";
import { When } from "@/parts/when";
import { useSession } from "@/session/session-store";

import { type Status, tasksQuery } from "./queries";
import { CAN_BE_CANCELLED, CAN_BE_REPLAYED, useTurn } from "./use-turn";

const POLL_MS = 60_000;
const ROW = 56;
const idOf = (one: TaskView) => one.id;

export function TaskList({ channel, status }: { channel: string | null; status: Status | null }) {
  const tasks = useInfiniteQuery({ ...tasksQuery(channel, status), refetchInterval: usePoll(POLL_MS) });
  const items = useMemo(() => (tasks.data?.pages ?? []).flatMap((page) => page.items), [tasks.data]);
  const more = () => {
    if (tasks.hasNextPage && !tasks.isFetchingNextPage) void tasks.fetchNextPage();
  };
  if (tasks.isPending) return <Box sx={{ padding: 4, flex: 1 }}><LoadingView rows={5} /></Box>;
  if (tasks.isError && items.length === 0) return <Box sx={{ padding: 4, flex: 1 }}><ProblemView error={tasks.error} onRetry={() => void tasks.refetch()} /></Box>;
  if (items.length === 0) return <Box sx={{ flex: 1 }}><EmptyView icon="task" title="No task">What you ask for is listed here, with what came of it.</EmptyView></Box>;
  return <VirtualList items={items} label="Tasks" rowHeight={ROW} idOf={idOf} onNearEnd={more}>{(one) => <Entry task={one} />}</VirtualList>;
}

function Entry({ task }: { task: TaskView }) {
  const mayCancel = useSession((session) => session.permissions.has("tasks:cancel"));
  const turn = useTurn();
  const back = CAN_BE_CANCELLED.has(task.status);
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 4, height: ROW, paddingInline: 4, borderBottom: 1, borderColor: "divider" }}>
      <Box sx={{ width: 104, flexShrink: 0 }}><StateChip state={task.status} /></Box>
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Box component={Link} to={`/tasks/${task.id}`} sx={{ display: "block", fontSize: 14, fontWeight: 540, color: "inherit", textDecoration: "none", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap", "&:hover": { textDecoration: "underline" } }}>{task.what}</Box>
        <Box sx={{ fontSize: 12, color: "text.secondary", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>
          {task.kind}, {task.priority}{task.channel ? `, ${task.channel}` : ""}{task.reason ? `; ${task.reason}` : ""}{task.run === null ? "" : "; "}{task.run === null ? null : <Link to={`/runs/${task.run}`} style={{ color: "inherit" }}>its run</Link>}
        </Box>
      </Box>
      <Box sx={{ fontSize: 12, color: "text.secondary" }}><When at={task.created_at} /></Box>
      {mayCancel && (back || CAN_BE_REPLAYED.has(task.status)) ? <Button color="inherit" disabled={turn.isPending} onClick={() => { turn.mutate({ id: task.id, back }); }}>{back ? "Take back" : "Again"}</Button> : null}
    </Box>
  );
}
