import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";

import type { DayEnded, ProductionDays } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { ChartPanel } from "@/parts/chart-panel";
import { EmptyView } from "@/parts/empty-view";
import type { Series } from "@/parts/series-chart";
import { count } from "@/parts/words";

import { productionsQuery } from "./queries";

const SeriesChart = lazy(() => import("@/parts/series-chart"));
const POLL_MS = 60_000;
const DAYS = 14;
const SERIES = [
  { key: "published", name: "published", tone: "good" },
  { key: "rejected", name: "rejected by people", tone: "waiting" },
  { key: "refused", name: "refused by gates", tone: "idle" },
  { key: "failed", name: "failed", tone: "trouble" },
] as const satisfies readonly (Series & { key: keyof DayEnded })[];

function sums({ days }: ProductionDays): { ended: number; published: number } {
  const of = (day: DayEnded) => SERIES.reduce((sum, one) => sum + day[one.key], 0);
  return { ended: days.reduce((sum, day) => sum + of(day), 0), published: days.reduce((sum, day) => sum + day.published, 0) };
}

/** Of what was begun, how much came out; what people or gates stopped is told apart from what failed. */
export function SuccessPanel({ channel }: { channel: string | null }) {
  const productions = useQuery({ ...productionsQuery(DAYS, channel), refetchInterval: usePoll(POLL_MS) });
  return (
    <ChartPanel
      title="How many videos come out?" query={productions} covers={`${String(DAYS)} UTC days`} asOf={(data) => data.freshness.as_of}
      none={(data) => (sums(data).ended > 0 ? null : <EmptyView icon="film" title="No production ended in these days">Each one counts here on the day it is published, refused, rejected or failed.</EmptyView>)}
      said={(data) => {
        const { ended, published } = sums(data);
        return <>{Math.round((published / ended) * 100)}% of {count(ended, "production")} that ended {published === 1 ? "was" : "were"} published.</>;
      }}
      table={({ days }) => ({ columns: ["Day", ...SERIES.map((one) => one.name)], rows: days.map((day) => [day.day, ...SERIES.map((one) => day[one.key])]) })}
    >
      {(data) => {
        const { ended, published } = sums(data);
        return <SeriesChart as="bars" whole label={`Productions a day: of ${String(ended)}, ${String(published)} published`} data={data.days.map(({ day, ...rest }) => ({ at: day, ...rest }))} series={SERIES} tick={(at) => at.slice(5)} value={String} />;
      }}
    </ChartPanel>
  );
}
