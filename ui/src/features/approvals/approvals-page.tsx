import Box from "@mui/material/Box";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate, useParams } from "react-router-dom";

import { waitingQuery } from "@/api/queries";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { ProblemView } from "@/parts/problem-view";
import { useShortcuts } from "@/parts/shortcuts";
import { useUi } from "@/session/ui-store";

import { sendAllHeld, useDecisions } from "./decisions";
import { Judged } from "./judged";
import type { Gate } from "./queries";
import { QueueList } from "./queue-list";
import { UndoBar } from "./undo-bar";
import { useQueue } from "./use-queue";

/** The inbox: what waits at the left, what speaks for and against it in the middle, the decision at the right. */
export default function ApprovalsPage() {
  const { id } = useParams();
  const navigate = useNavigate();
  const channel = useUi((ui) => ui.channel);
  const [gate, setGate] = useState<Gate | "all">("all");
  const queue = useQueue(channel, gate, id);
  const waiting = useQuery(waitingQuery);
  const go = (to: string | undefined) => {
    if (to !== undefined) void navigate(`/approvals/${to}`, { replace: true });
  };
  const first = queue.items[0]?.id;
  useEffect(() => {
    document.title = "Approvals · YTEMPIRE";
    window.addEventListener("pagehide", sendAllHeld);
    return () => { window.removeEventListener("pagehide", sendAllHeld); };
  }, []);
  useEffect(() => {
    if (id === undefined && first !== undefined) void navigate(`/approvals/${first}`, { replace: true });
  }, [id, first, navigate]);
  const done = useDecisions((state) => id !== undefined && state.done.has(id));
  useEffect(() => {
    if (done) void navigate(first === undefined ? "/approvals" : `/approvals/${first}`, { replace: true });
  }, [done, first, navigate]);
  useShortcuts("Approvals", [
    { keys: "j", does: "the next that waits", run: () => { go(queue.next?.id); } },
    { keys: "k", does: "the one before", run: () => { go(queue.previous?.id); } },
  ]);
  const shown = queue.items.length;
  const all = channel === null && gate === "all" ? Math.max(waiting.data?.approvals.waiting ?? 0, shown) : shown;
  return (
    <Box sx={{ display: "flex", height: "100%", position: "relative" }}>
      <Box component="section" aria-label="Queue" sx={{ width: 320, flexShrink: 0, borderInlineEnd: 1, borderColor: "divider", backgroundColor: "background.paper", display: "flex", flexDirection: "column" }}>
        <Box sx={{ display: "flex", alignItems: "center", gap: 2, paddingInline: 4, height: 52, borderBottom: 1, borderColor: "divider" }}>
          <Typography variant="h2" component="h1" sx={{ flex: 1 }}>{all === 0 ? "Approvals" : `${all.toLocaleString("en-US")} waiting`}</Typography>
          <Box aria-hidden sx={{ display: "flex", gap: 1 }}><kbd>j</kbd><kbd>k</kbd></Box>
        </Box>
        <ToggleButtonGroup size="small" exclusive value={gate} aria-label="Kind" onChange={(_, value: Gate | "all" | null) => { if (value !== null) setGate(value); }} sx={{ margin: 3, "& > button": { flex: 1 } }}>
          <ToggleButton value="all">All</ToggleButton>
          <ToggleButton value="script">Scripts</ToggleButton>
          <ToggleButton value="video">Videos</ToggleButton>
        </ToggleButtonGroup>
        {queue.query.isError && shown === 0 ? <Box sx={{ padding: 3 }}><ProblemView error={queue.query.error} onRetry={() => void queue.query.refetch()} /></Box> : null}
        {queue.query.isPending ? <Box sx={{ padding: 3 }}><LoadingView rows={8} height={52} /></Box> : <QueueList items={queue.items} selected={id} onNearEnd={queue.more} />}
      </Box>
      {id === undefined ? (
        <Box sx={{ flex: 1, display: "grid", placeItems: "center" }}>
          {queue.query.isSuccess ? <EmptyView icon="check" title="Nothing waits for you">What the agents ask for appears here by itself, newest first.</EmptyView> : null}
        </Box>
      ) : <Judged key={id} id={id} onDecided={() => { go(queue.next?.id ?? queue.previous?.id); }} />}
      <UndoBar />
    </Box>
  );
}
