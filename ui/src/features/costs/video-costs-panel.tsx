import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { Link } from "react-router-dom";

import type { VideoCosts, VideoCostView } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { ChartPanel } from "@/parts/chart-panel";
import { EmptyView } from "@/parts/empty-view";
import { count, dayAndHour, money } from "@/parts/words";
import { useUi } from "@/session/ui-store";

import { videoCostsQuery } from "./queries";

const SeriesChart = lazy(() => import("@/parts/series-chart"));
const POLL_MS = 30_000;
const NEWEST = 20;

/** Everybody who was paid for one of the videos, by how much. */
function providersOf({ items }: VideoCosts): string[] {
  const paid = new Map<string, number>();
  for (const row of items.flatMap((one) => one.providers)) paid.set(row.key ?? "nobody", (paid.get(row.key ?? "nobody") ?? 0) + spentOf(row));
  return [...paid].filter(([, usd]) => usd > 0).sort((one, other) => other[1] - one[1]).map(([key]) => key);
}

function spentOf(row: VideoCostView["providers"][number]): number {
  return row.booked_usd + row.reserved_usd + row.unknown_usd;
}

function usdOf(video: VideoCostView, provider: string): number {
  return video.providers.filter((one) => (one.key ?? "nobody") === provider).reduce((sum, one) => sum + spentOf(one), 0);
}

/** What each of the newest videos came to, and who got it: free ones stand there with nothing. */
export function VideoCostsPanel() {
  const channel = useUi((ui) => ui.channel);
  const costs = useQuery({ ...videoCostsQuery(NEWEST, channel), refetchInterval: usePoll(POLL_MS) });
  return (
    <ChartPanel
      title="What does a video cost?" query={costs} covers={`the newest ${String(NEWEST)} videos, by provider`}
      none={(data) => {
        if (data.items.length === 0) return <EmptyView icon="film" title="No video yet">What each one costs appears here from its first call on.</EmptyView>;
        return providersOf(data).length > 0 ? null : <EmptyView icon="money" title={`${count(data.items.length, "video")}, and nothing was paid for ${data.items.length === 1 ? "it" : "them"}`}>Everything was made on this machine. With a provider's key, its calls are booked here.</EmptyView>;
      }}
      said={({ items }) => {
        const all = items.reduce((sum, one) => sum + one.usd, 0);
        return <>{money(all / items.length)} a video on average, {money(Math.max(...items.map((one) => one.usd)))} at most; what is in flight or unknown counts at its worst.</>;
      }}
      table={(data) => {
        const providers = providersOf(data);
        return { columns: ["Video", "Together", ...providers], rows: data.items.map((one) => [<Link key="video" to={`/videos/${one.video}`}>{one.title || one.video}</Link>, money(one.usd), ...providers.map((provider) => money(usdOf(one, provider)))]) };
      }}
    >
      {(data) => {
        const providers = providersOf(data);
        const rows = [...data.items].reverse().map((one) => ({ at: one.created_at, ...Object.fromEntries(providers.map((provider, at) => [`p${String(at)}`, usdOf(one, provider)])) }));
        return <SeriesChart as="bars" label={`Cost of ${count(data.items.length, "video")}, the oldest first: ${[...data.items].reverse().map((one) => money(one.usd)).join(", ")}`} data={rows} series={providers.map((name, at) => ({ key: `p${String(at)}`, name }))} tick={dayAndHour} value={money} />;
      }}
    </ChartPanel>
  );
}
