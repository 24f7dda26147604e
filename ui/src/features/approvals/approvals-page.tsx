import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useEffect } from "react";
import { useNavigate, useParams } from "react-router-dom";

import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { ProblemView } from "@/parts/problem-view";
import { useShortcuts } from "@/parts/shortcuts";
import { useUi } from "@/session/ui-store";

import { sendAllHeld, useDecisions } from "./decisions";
import { narrows, showAll, useFilters } from "./filters";
import { Judged } from "./judged";
import { QueueFilters } from "./queue-filters";
import { QueueList } from "./queue-list";
import { UndoBar } from "./undo-bar";
import { useQueue } from "./use-queue";

/** The inbox: what waits at the left, what speaks for and against it in the middle, the decision at the right. */
export default function ApprovalsPage() {
  const { id } = useParams();
  const navigate = useNavigate();
  const channel = useUi((ui) => ui.channel);
  const filters = useFilters();
  const queue = useQueue(channel, filters, id);
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
  const narrowed = narrows(filters);
  return (
    <Box sx={{ display: "flex", flexDirection: { xs: "column", md: "row" }, minHeight: "100%", height: { md: "100%" }, position: "relative" }}>
      <Box component="section" aria-label="Queue" sx={{ width: { md: 320 }, height: { xs: 420, md: "auto" }, flexShrink: 0, border: 0, borderRightWidth: { md: 1 }, borderBottomWidth: { xs: 1, md: 0 }, borderColor: "divider", backgroundColor: "background.paper", display: "flex", flexDirection: "column" }}>
        <Box sx={{ display: "flex", alignItems: "center", gap: 2, paddingInline: 4, height: 52, borderBottom: 1, borderColor: "divider" }}>
          <Typography variant="h2" component="h1" sx={{ flex: 1 }}>{queue.total === 0 ? "Approvals" : `${queue.total.toLocaleString("en-US")} ${narrowed ? "that fit" : "waiting"}`}</Typography>
          <Box aria-hidden sx={{ display: "flex", gap: 1 }}><kbd>j</kbd><kbd>k</kbd></Box>
        </Box>
        <QueueFilters />
        {queue.query.isError && shown === 0 ? <Box sx={{ padding: 3 }}><ProblemView error={queue.query.error} onRetry={() => void queue.query.refetch()} /></Box> : null}
        {queue.query.isPending ? <Box sx={{ padding: 3 }}><LoadingView rows={8} height={52} /></Box> : <QueueList items={queue.items} selected={id} onNearEnd={queue.more} />}
      </Box>
      {id === undefined ? (
        <Box sx={{ flex: 1, display: "grid", placeItems: "center" }}>
          {queue.query.isSuccess ? <Nothing narrowed={narrowed} /> : null}
        </Box>
      ) : <Judged key={id} id={id} gate={queue.items.find((one) => one.id === id)?.gate} onDecided={() => { go(queue.next?.id ?? queue.previous?.id); }} />}
      <UndoBar />
    </Box>
  );
}

function Nothing({ narrowed }: { narrowed: boolean }) {
  if (!narrowed) return <EmptyView icon="check" title="Nothing waits for you">What the agents ask for appears here by itself.</EmptyView>;
  return <EmptyView icon="inbox" title="Nothing of that kind waits" action={<Button variant="outlined" onClick={showAll}>Show all that waits</Button>}>Something else may wait: only what fits the kind, risk and age that you chose is listed.</EmptyView>;
}
