import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";

import type { Recoveries, RecoveryView } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { ChartPanel } from "@/parts/chart-panel";
import { EmptyView } from "@/parts/empty-view";
import { When } from "@/parts/when";
import { count, dayAndHour, duration, plain } from "@/parts/words";

import { recoveriesQuery } from "./queries";

const DotsChart = lazy(() => import("@/parts/dots-chart"));
const POLL_MS = 60_000;
const DAYS = 14;
const KINDS = [["worker lost", "running"], ["call failed", "waiting"], ["incident", "trouble"]] as const;

type Mended = RecoveryView & { seconds: number };

function mendedOf({ items }: Recoveries): Mended[] {
  return items.filter((one): one is Mended => one.seconds !== null);
}

function slowest(mended: readonly Mended[]): number {
  return Math.max(...mended.map((one) => one.seconds));
}

/** How long each fault lasted, until what it had stopped was done. */
export function RecoveryPanel() {
  const recoveries = useQuery({ ...recoveriesQuery(DAYS), refetchInterval: usePoll(POLL_MS) });
  return (
    <ChartPanel
      title="How long until work went on after a fault?" query={recoveries} covers={`${String(DAYS)} UTC days, at most 200 faults`} asOf={(data) => data.freshness.as_of}
      none={(data) => {
        if (mendedOf(data).length > 0) return null;
        return data.items.length === 0 ? <EmptyView icon="shield" title="No fault in these days">A worker that dies, a call that fails and every incident is counted from when it was noticed until what it stopped was done.</EmptyView> : <EmptyView icon="clock" title={`${count(data.items.length, "fault")}, none over yet`}>How long each takes is known once its work is done.</EmptyView>;
      }}
      said={(data) => {
        const mended = mendedOf(data);
        const lasting = data.items.filter((one) => one.lasts).length;
        const lost = data.items.length - mended.length - lasting;
        return <>{count(mended.length, "fault")} mended, the slowest in {duration(slowest(mended))}.{lasting > 0 ? ` ${String(lasting)} ${lasting === 1 ? "lasts" : "last"} still.` : ""}{lost > 0 ? ` After ${String(lost)} the work was given up.` : ""}</>;
      }}
      table={(data) => ({
        columns: ["Noticed", "Fault", "In", "Said", "Lasted"],
        rows: data.items.map((one) => [<When key="at" at={one.at} />, one.fault, plain(one.what), plain(one.said), one.seconds === null ? (one.lasts ? "lasts still" : "given up") : duration(one.seconds)]),
      })}
    >
      {(data) => {
        const mended = mendedOf(data);
        const groups = KINDS.map(([name, tone]) => ({ name, tone, dots: mended.filter((one) => one.fault === name).map((one) => ({ x: Date.parse(one.at), y: Math.max(0.1, one.seconds), name: one.what })) })).filter((one) => one.dots.length > 0);
        return <DotsChart label={`${count(mended.length, "fault")} of ${String(DAYS)} days by how long each lasted, ${duration(slowest(mended))} at most`} groups={groups} x={{ name: "noticed", value: dayAndHour, scale: "time" }} y={{ name: "lasted", value: duration, scale: "log" }} />;
      }}
    </ChartPanel>
  );
}
