import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router-dom";

import type { IncidentView } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { ProblemView } from "@/parts/problem-view";
import { StateChip } from "@/parts/state-chip";
import { VirtualList } from "@/parts/virtual-list";
import { When } from "@/parts/when";
import { useUi } from "@/session/ui-store";

import { incidentsQuery, type Status } from "./queries";

const POLL_MS = 60_000;
const ROW = 56;
const idOf = (one: IncidentView) => one.id;

/** Trouble, newest first. */
export default function IncidentsPage() {
  const channel = useUi((ui) => ui.channel);
  const [status, setStatus] = useState<Status | "all">("open");
  const incidents = useInfiniteQuery({ ...incidentsQuery(channel, status === "all" ? null : status), refetchInterval: usePoll(POLL_MS) });
  const items = useMemo(() => (incidents.data?.pages ?? []).flatMap((page) => page.items), [incidents.data]);
  const more = () => {
    if (incidents.hasNextPage && !incidents.isFetchingNextPage) void incidents.fetchNextPage();
  };
  return (
    <Page
      title="Incidents" fill
      actions={
        <ToggleButtonGroup size="small" exclusive value={status} aria-label="Status" onChange={(_, value: Status | "all" | null) => { if (value !== null) setStatus(value); }}>
          <ToggleButton value="open">Open</ToggleButton>
          <ToggleButton value="acknowledged">Acknowledged</ToggleButton>
          <ToggleButton value="resolved">Resolved</ToggleButton>
          <ToggleButton value="all">All</ToggleButton>
        </ToggleButtonGroup>
      }
    >
      {incidents.isError && items.length === 0 ? <ProblemView error={incidents.error} onRetry={() => void incidents.refetch()} /> : null}
      {incidents.isPending ? <LoadingView rows={6} height={52} /> : null}
      {incidents.isSuccess && items.length === 0 ? <EmptyView icon="shield" title={status === "open" ? "No open incident" : "None of these"}>The crisis monitor looks after every video that is out, and writes down what it finds and does.</EmptyView> : null}
      {items.length === 0 ? null : (
        <Paper sx={{ flex: 1, minHeight: 0, display: "flex", overflow: "hidden" }}>
          <VirtualList items={items} label="Incidents" rowHeight={ROW} idOf={idOf} onNearEnd={more}>{(one) => <Entry one={one} />}</VirtualList>
        </Paper>
      )}
    </Page>
  );
}

function Entry({ one }: { one: IncidentView }) {
  return (
    <Box component={Link} to={`/incidents/${one.id}`} sx={{ display: "flex", alignItems: "center", gap: 4, height: ROW, paddingInline: 4, color: "inherit", textDecoration: "none", borderBottom: 1, borderColor: "divider", "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 } }}>
      <Box sx={{ width: 96, flexShrink: 0 }}><StateChip state={one.severity} tone={one.severity === "critical" ? "trouble" : one.severity === "warning" ? "waiting" : "idle"} /></Box>
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Box sx={{ fontSize: 14, fontWeight: 540, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{one.summary}</Box>
        <Box sx={{ fontSize: 12, color: "text.secondary" }}>{one.channel ?? "the studio"}; {one.kind.replaceAll("_", " ")}</Box>
      </Box>
      <StateChip state={one.status} />
      <Box sx={{ width: 96, textAlign: "end", fontSize: 12, color: "text.secondary" }}><When at={one.opened} /></Box>
    </Box>
  );
}
