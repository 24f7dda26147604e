import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router-dom";

import type { RunView } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { Icon } from "@/parts/icon";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { ProblemView } from "@/parts/problem-view";
import { useShortcuts } from "@/parts/shortcuts";
import { VirtualList } from "@/parts/virtual-list";
import { useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

import { AutonomousList } from "./autonomous-list";
import { RunRow, ROW } from "./run-row";
import { runsQuery, type RunStatus } from "./queries";

const POLL_MS = 10_000;
const FILTERS: readonly (readonly [RunStatus | "all", string])[] = [["all", "All"], ["running", "Running"], ["waiting", "Waiting"], ["paused", "Paused"], ["published", "Published"], ["refused", "Refused"], ["failed", "Failed"]];
const idOf = (one: RunView) => one.id;

/** Autonomous runs, and every production, newest first. */
export default function RunsPage() {
  const navigate = useNavigate();
  const channel = useUi((ui) => ui.channel);
  const may = useSession((session) => session.permissions.has("runs:start"));
  const [status, setStatus] = useState<RunStatus | "all">("all");
  const runs = useInfiniteQuery({ ...runsQuery(channel, status === "all" ? null : status), refetchInterval: usePoll(POLL_MS) });
  const items = useMemo(() => (runs.data?.pages ?? []).flatMap((page) => page.items), [runs.data]);
  const more = () => {
    if (runs.hasNextPage && !runs.isFetchingNextPage) void runs.fetchNextPage();
  };
  useShortcuts("Runs", may ? [{ keys: "n", does: "start an autonomous run", run: () => { void navigate("/runs/start"); } }] : []);
  const start = may ? <Button component={Link} to="/runs/start" variant="contained" startIcon={<Icon name="play" />}>Start an autonomous run</Button> : undefined;
  return (
    <Page title="Runs" fill actions={start}>
      <AutonomousList channel={channel} start={start} />
      <Box sx={{ flex: 1, minHeight: 260, display: "grid" }}>
        <Panel
          title="Productions" flush
          aside={
            <ToggleButtonGroup size="small" exclusive value={status} aria-label="Status" onChange={(_, value: RunStatus | "all" | null) => { if (value !== null) setStatus(value); }}>
              {FILTERS.map(([value, word]) => <ToggleButton key={value} value={value}>{word}</ToggleButton>)}
            </ToggleButtonGroup>
          }
        >
          {runs.isError && items.length === 0 ? <Box sx={{ padding: 4 }}><ProblemView error={runs.error} onRetry={() => void runs.refetch()} /></Box> : null}
          {runs.isPending ? <Box sx={{ padding: 4 }}><LoadingView rows={6} /></Box> : null}
          {runs.isSuccess && items.length === 0 ? <EmptyView icon="film" title={status === "all" ? "Nothing was made yet" : "None of these"}>{status === "all" ? "An autonomous run makes videos by itself; Ctrl-K and a topic asks for one." : "Choose another state, or another channel above."}</EmptyView> : null}
          {items.length === 0 ? null : (
            <Box sx={{ height: "100%", display: "flex" }}>
              <VirtualList items={items} label="Productions" rowHeight={ROW} idOf={idOf} onNearEnd={more}>{(one) => <RunRow one={one} />}</VirtualList>
            </Box>
          )}
        </Panel>
      </Box>
    </Page>
  );
}
