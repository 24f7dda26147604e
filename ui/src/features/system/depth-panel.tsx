import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";

import { waitedQuery } from "@/api/queries";
import type { WaitedOver } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { ChartPanel } from "@/parts/chart-panel";
import { EmptyView } from "@/parts/empty-view";
import { When } from "@/parts/when";
import { count, dayAndHour } from "@/parts/words";

const SeriesChart = lazy(() => import("@/parts/series-chart"));
const POLL_MS = 60_000;
const HOURS = 24;

function queuesOf({ moments }: WaitedOver): string[] {
  return [...new Set(moments.flatMap((one) => Object.keys(one.queues)))].sort();
}

function most({ moments }: WaitedOver): number {
  return Math.max(...moments.map((one) => Object.values(one.queues).reduce((sum, number) => sum + number, 0)));
}

/** What waited for workers in the last day, by queue. */
export function DepthPanel() {
  const waited = useQuery({ ...waitedQuery(HOURS), refetchInterval: usePoll(POLL_MS) });
  return (
    <ChartPanel
      title="Do the workers keep up?" query={waited} covers={`${String(HOURS)} h, looked at every half hour`} asOf={(data) => data.freshness.as_of}
      none={(data) => (queuesOf(data).length > 0 ? null : <EmptyView icon="check" title="No call waited at any of these moments">Calls wait for a free worker; a line that does not come down says that there are too few.</EmptyView>)}
      said={(data) => <>At most {count(most(data), "call")} waited at one of these moments; what came and went between two is not seen.</>}
      table={(data) => {
        const queues = queuesOf(data);
        return { columns: ["At", ...queues], rows: [...data.moments].reverse().map((one) => [<When key="at" at={one.at} />, ...queues.map((queue) => one.queues[queue] ?? 0)]) };
      }}
    >
      {(data) => {
        const queues = queuesOf(data);
        const rows = data.moments.map((one) => ({ at: one.at, ...Object.fromEntries(queues.map((queue) => [queue, one.queues[queue] ?? 0])) }));
        return <SeriesChart as="steps" whole label={`Calls that waited in ${String(HOURS)} hours, by queue: ${queues.join(", ")}; at most ${String(most(data))}`} data={rows} series={queues.map((queue) => ({ key: queue, name: queue }))} tick={dayAndHour} value={String} />;
      }}
    </ChartPanel>
  );
}
