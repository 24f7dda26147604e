import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { Link } from "react-router-dom";

import type { Forecasts, ForecastView } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { ChartPanel } from "@/parts/chart-panel";
import { EmptyView } from "@/parts/empty-view";
import { When } from "@/parts/when";
import { count } from "@/parts/words";

import { forecastsQuery } from "./queries";

const DotsChart = lazy(() => import("@/parts/dots-chart"));
const POLL_MS = 60_000;

interface Settled extends ForecastView {
  expected: number;
  measured: number;
}

function settledOf({ items }: Forecasts): Settled[] {
  return items.filter((one): one is Settled => one.expected !== null && one.measured !== null);
}

/** The middle one of some numbers. */
function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}

function growth(share: number): string {
  return `${share > 0 ? "+" : ""}${String(Math.round(share * 100))}%`;
}

const TONES = { real: "good", demo: "idle", rehearsal: "waiting", simulated: "running" } as const;

/** What the scout expected of each topic beside what was measured in the 48 hours after; of what nobody measured there is no dot. */
export function ForecastPanel({ channel }: { channel: string | null }) {
  const forecasts = useQuery({ ...forecastsQuery(channel), refetchInterval: usePoll(POLL_MS) });
  return (
    <ChartPanel
      title="Were the forecasts right?" query={forecasts} covers="growth of attention over 48 h" asOf={(data) => data.freshness.as_of}
      none={(data) => {
        if (settledOf(data).length > 0) return null;
        return data.items.length === 0 ? (
          <EmptyView icon="trend" title="Nothing was forecast and published yet">When a video is published, what the scout expects of its topic is written down; a week later what happened stands beside it.</EmptyView>
        ) : (
          <EmptyView icon="clock" title={`None of ${count(data.items.length, "forecast")} can be judged yet`}>{data.items[0]?.why}.</EmptyView>
        );
      }}
      said={(data) => {
        const settled = settledOf(data);
        const off = settled.map((one) => Math.abs(one.measured - one.expected));
        const points = Math.round(median(off) * 100);
        return <>{settled.length === 1 ? `One forecast was off by ${count(points, "point")}` : `Half of ${count(settled.length, "forecast")} were off by ${count(points, "point")} or less`}; on the dashed line what was expected came true.{data.items.length > settled.length ? ` ${String(data.items.length - settled.length)} more cannot be judged yet.` : ""}</>;
      }}
      table={(data) => ({
        columns: ["Video", "Expected", "Measured", "Published", "Why not known"],
        rows: data.items.map((one) => [
          one.title || one.publication, one.expected === null ? "–" : growth(one.expected), one.measured === null ? "–" : growth(one.measured), <When key="at" at={one.predicted_at} />, one.why || (one.run ? <Link to={`/runs/${one.run}`}>run</Link> : ""),
        ]),
      })}
    >
      {(data) => {
        const settled = settledOf(data);
        const kinds = [...new Set(settled.map((one) => one.provenance))];
        const groups = kinds.map((kind) => ({ name: kind, tone: TONES[kind], dots: settled.filter((one) => one.provenance === kind).map((one) => ({ x: one.expected, y: one.measured, name: one.title })) }));
        return <DotsChart same label={`Expected and measured growth of ${count(settled.length, "topic")}: ${settled.map((one) => `${growth(one.expected)} and ${growth(one.measured)}`).join("; ")}`} groups={groups} x={{ name: "expected", value: growth }} y={{ name: "measured", value: growth }} />;
      }}
    </ChartPanel>
  );
}
