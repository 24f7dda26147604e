import Box from "@mui/material/Box";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";

import type { Costs } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { When } from "@/parts/when";
import { count, money } from "@/parts/words";

import { AlertsPanel } from "./alerts-panel";
import { LimitsPanel } from "./limits-panel";
import { costsQuery, daysOf } from "./queries";
import { Shares } from "./shares";
import { VideoCostsPanel } from "./video-costs-panel";

const DaysChart = lazy(() => import("./days-chart"));
const POLL_MS = 30_000;
const SPANS = [7, 14, 30] as const;
const BY: readonly [Costs["by"], string][] = [["provider", "Provider"], ["kind", "Kind of call"], ["channel", "Channel"], ["video", "Video"], ["run", "Run"]];

/** What was spent on what, and where it stops. */
export default function CostsPage() {
  const [days, setDays] = useState<number>(14);
  const [by, setBy] = useState<Costs["by"]>("provider");
  const poll = usePoll(POLL_MS);
  const spent = useQuery({ ...costsQuery("day", days), refetchInterval: poll });
  const shares = useQuery({ ...costsQuery(by, days), refetchInterval: poll });
  return (
    <Page
      title="Costs"
      actions={
        <ToggleButtonGroup size="small" exclusive value={days} aria-label="Span" onChange={(_, value: number | null) => { if (value !== null) setDays(value); }}>
          {SPANS.map((span) => <ToggleButton key={span} value={span}>{span} days</ToggleButton>)}
        </ToggleButtonGroup>
      }
    >
      <Panel title="What does a day cost?" aside={<Typography variant="caption" color="textSecondary">UTC days{spent.dataUpdatedAt > 0 ? <>; read <When at={new Date(spent.dataUpdatedAt).toISOString()} /></> : null}</Typography>}>
        <QueryView query={spent} loading={<LoadingView rows={1} height={268} />}>
          {(data) => (
            <Box sx={{ display: "grid", gap: 3 }}>
              <Typography variant="body2">
                <Box component="span" sx={{ fontSize: 26, fontWeight: 640, letterSpacing: "-0.02em", marginInlineEnd: 2 }}>{money(data.total.booked_usd)}</Box>
                in {days} days, {count(data.total.calls, "call")}{data.total.failed_calls > 0 ? `, ${String(data.total.failed_calls)} failed` : ""}.
                {data.total.reserved_usd > 0 ? ` ${money(data.total.reserved_usd)} is set aside for calls in flight.` : ""}
                {data.total.unknown_usd > 0 ? ` ${money(data.total.unknown_usd)} is booked at its worst, since those answers were lost.` : ""}
              </Typography>
              <Suspense fallback={<LoadingView rows={1} height={210} />}><DaysChart days={daysOf(data.rows, days)} /></Suspense>
            </Box>
          )}
        </QueryView>
      </Panel>
      <VideoCostsPanel />
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" }, gap: 4, alignItems: "start" }}>
        <Panel
          title="What was it spent on?"
          aside={
            <ToggleButtonGroup size="small" exclusive value={by} aria-label="Grouped by" onChange={(_, value: Costs["by"] | null) => { if (value !== null) setBy(value); }}>
              {BY.map(([value, word]) => <ToggleButton key={value} value={value} sx={{ padding: "2px 8px !important" }}>{word}</ToggleButton>)}
            </ToggleButtonGroup>
          }
        >
          <QueryView query={shares} loading={<LoadingView rows={5} height={32} />}>
            {(data) => (data.rows.length === 0 ? <EmptyView icon="money" title="Nothing was spent">Everything ran on this machine, or nothing ran. With a provider's key, its calls are booked here.</EmptyView> : <Shares by={by} rows={data.rows} />)}
          </QueryView>
        </Panel>
        <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
          <LimitsPanel />
          <AlertsPanel />
        </Box>
      </Box>
    </Page>
  );
}
