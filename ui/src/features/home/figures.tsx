import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";

import { waitingQuery } from "@/api/queries";
import type { Waiting } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { Icon, type IconName } from "@/parts/icon";
import { LoadingView } from "@/parts/loading-view";
import { QueryView } from "@/parts/query-view";
import { duration } from "@/parts/words";
import type { Tone } from "@/theme/tokens";

interface Figure {
  label: string;
  value: number;
  under: string;
  icon: IconName;
  tone: Tone;
  to: string;
}

function figuresOf(waiting: Waiting): Figure[] {
  const { approvals, incidents, runs, tasks } = waiting;
  const waited = approvals.waiting > 0 ? `the oldest for ${duration(approvals.oldest_s)}` : "nothing waits";
  return [
    { label: "Wait for you", value: approvals.waiting, under: waited, icon: "inbox", tone: approvals.waiting > 0 ? "waiting" : "idle", to: "/approvals" },
    { label: "In trouble", value: incidents.unresolved, under: incidents.critical > 0 ? `${String(incidents.critical)} critical` : "none critical", icon: "alarm", tone: incidents.unresolved > 0 ? "trouble" : "idle", to: "/incidents" },
    { label: "Being made", value: runs.making, under: waiting.autonomous_runs > 0 ? "an autonomous run is on" : "no autonomous run", icon: "run", tone: runs.making > 0 ? "running" : "idle", to: "/runs" },
    { label: "Tasks queued", value: tasks.queued, under: `${String(tasks.planned)} taken by runs`, icon: "task", tone: tasks.queued > 0 ? "running" : "idle", to: "/tasks" },
    { label: "Dead letters", value: waiting.dead_letters, under: waiting.dead_letters > 0 ? "can be replayed" : "nothing to replay", icon: "undo", tone: waiting.dead_letters > 0 ? "trouble" : "idle", to: "/tasks" },
  ];
}

/** The five numbers that say whether to get up. */
export function Figures() {
  const waiting = useQuery({ ...waitingQuery, refetchInterval: usePoll(60_000) });
  return (
    <QueryView query={waiting} loading={<LoadingView rows={1} height={98} />}>
      {(data) => (
        <Box sx={{ display: "grid", gridTemplateColumns: { xs: "repeat(2, minmax(0, 1fr))", sm: "repeat(5, minmax(0, 1fr))" }, border: 1, borderColor: "divider", borderRadius: 1, backgroundColor: "background.paper", overflow: "hidden" }}>
          {figuresOf(data).map((one) => (
            <Box key={one.label} data-figures component={Link} to={one.to} sx={{ padding: 4, color: "inherit", textDecoration: "none", borderTop: 1, borderLeft: 1, borderColor: "divider", margin: "-1px 0 0 -1px", "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 } }}>
              <Box sx={{ display: "flex", alignItems: "center", gap: 2, fontSize: 12, color: "text.secondary" }}><Icon name={one.icon} sx={{ fontSize: 15, color: `tone.${one.tone}.ink` }} />{one.label}</Box>
              <Box sx={{ fontSize: 26, fontWeight: 640, lineHeight: 1.3, letterSpacing: "-0.02em" }}>{one.value}</Box>
              <Box sx={{ fontSize: 12, color: "text.secondary" }}>{one.under}</Box>
            </Box>
          ))}
        </Box>
      )}
    </QueryView>
  );
}
