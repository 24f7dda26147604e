import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router-dom";

import type { AutonomousRunPage } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { useNow } from "@/parts/use-now";
import { When } from "@/parts/when";
import { WIDE_ONLY } from "@/parts/wide-only";
import { dayAndHour, duration, money } from "@/parts/words";

import { autonomousRunsQuery } from "./queries";
import { toneOfState } from "./words";

type Autonomous = AutonomousRunPage["items"][number];

const POLL_MS = 30_000;
const SEEN = 4;
const ROW = 52;

/** The autonomous runs, those that work first. */
export function AutonomousList({ channel, start }: { channel: string | null; start: ReactNode }) {
  const runs = useQuery({ ...autonomousRunsQuery, refetchInterval: usePoll(POLL_MS) });
  return (
    <Panel title="Autonomous runs" flush>
      <QueryView query={runs} loading={<Box sx={{ padding: 4 }}><LoadingView rows={2} /></Box>}>
        {(data) => {
          const shown = data.items.filter((one) => channel === null || one.channels.includes(channel)).sort((one, other) => Number(one.status === "ended") - Number(other.status === "ended"));
          if (shown.length === 0) return <EmptyView icon="run" title="No autonomous run yet" action={start}>Give it hours, channels and a budget: it plans, makes and publishes by itself, and reports each morning.</EmptyView>;
          return <Box tabIndex={shown.length > SEEN ? 0 : undefined} role="region" aria-label="Autonomous runs" sx={{ maxHeight: SEEN * ROW, overflow: "auto" }}>{shown.map((one) => <Row key={one.id} one={one} />)}</Box>;
        }}
      </QueryView>
    </Panel>
  );
}

function Row({ one }: { one: Autonomous }) {
  const now = useNow();
  const ends = new Date(one.ends_at).getTime();
  const starts = new Date(one.starts_at).getTime();
  const over = one.ended_at !== null;
  const done = over ? 1 : Math.min(1, Math.max(0, (now - starts) / (ends - starts)));
  return (
    <Box component={Link} to={`/runs/autonomous/${one.id}`} sx={{ display: "grid", gridTemplateColumns: { xs: "104px minmax(0, 1fr) 84px", md: "104px minmax(0, 1fr) 200px 120px 104px" }, alignItems: "center", gap: 4, height: ROW, paddingInline: 4, color: "inherit", textDecoration: "none", borderTop: 1, borderColor: "divider", "&:first-of-type": { borderTop: 0 }, "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 } }}>
      <Box><StateChip state={one.status} tone={toneOfState(one.status)} /></Box>
      <Box sx={{ minWidth: 0 }}>
        <Box sx={{ fontSize: 14, fontWeight: 540, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{one.channels.join(", ")}</Box>
        <Box sx={{ fontSize: 12, color: "text.secondary", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{one.reason || `${dayAndHour(one.starts_at)} to ${dayAndHour(one.ends_at)}`}</Box>
      </Box>
      <Box>
        <Box aria-hidden sx={{ height: 4, borderRadius: 1, backgroundColor: "divider", overflow: "hidden" }}><Box sx={{ height: "100%", backgroundColor: over ? "text.secondary" : "primary.main" }} style={{ width: `${String(done * 100)}%` }} /></Box>
        <Box sx={{ fontSize: 12, color: "text.secondary" }}>{over ? `ran ${duration((new Date(one.ended_at ?? one.ends_at).getTime() - starts) / 1000)}` : `${duration((ends - now) / 1000)} left`}</Box>
      </Box>
      <Box sx={{ ...WIDE_ONLY, fontSize: 13, textAlign: "end" }}>{money(one.budget_usd)} at most</Box>
      <Box sx={{ ...WIDE_ONLY, fontSize: 12, color: "text.secondary", textAlign: "end" }}><When at={one.starts_at} /></Box>
    </Box>
  );
}
