import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";

import { waitedQuery } from "@/api/queries";
import type { WaitedOver } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { ChartPanel } from "@/parts/chart-panel";
import { EmptyView } from "@/parts/empty-view";
import { When } from "@/parts/when";
import { count, dayAndHour, duration } from "@/parts/words";

const SeriesChart = lazy(() => import("@/parts/series-chart"));
const POLL_MS = 60_000;
const HOURS = 168;
const SERIES = [{ key: "approvals", name: "wait for a decision", tone: "waiting" }] as const;

function most({ moments }: WaitedOver): number {
  return Math.max(...moments.map((one) => one.approvals));
}

/** Whether what waits for people piles up. */
export function WaitingPanel() {
  const waited = useQuery({ ...waitedQuery(HOURS), refetchInterval: usePoll(POLL_MS) });
  return (
    <ChartPanel
      title="Does what waits for you pile up?" query={waited} covers="7 days, all channels" asOf={(data) => data.freshness.as_of}
      none={(data) => (most(data) > 0 ? null : <EmptyView icon="check" title="Nothing waited at any of these moments">A channel that asks before it publishes lets its videos wait here for you.</EmptyView>)}
      said={(data) => {
        const oldest = Math.max(...data.moments.map((one) => one.oldest_approval_s));
        return <>{count(data.moments.at(-1)?.approvals ?? 0, "approval")} now, {most(data)} at most; the longest had waited {duration(oldest)}.</>;
      }}
      table={(data) => ({ columns: ["At", "Wait", "The oldest for"], rows: [...data.moments].reverse().map((one) => [<When key="at" at={one.at} />, one.approvals, one.approvals === 0 ? "–" : duration(one.oldest_approval_s)]) })}
    >
      {(data) => <SeriesChart as="steps" whole label={`Approvals that waited over 7 days: ${String(most(data))} at most, ${String(data.moments.at(-1)?.approvals ?? 0)} now`} data={data.moments.map((one) => ({ at: one.at, approvals: one.approvals }))} series={SERIES} tick={dayAndHour} value={String} />}
    </ChartPanel>
  );
}
