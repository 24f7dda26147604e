import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useParams } from "react-router-dom";

import type { AutonomousRunDetail, RunEvent, RunView } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { QueryView } from "@/parts/query-view";
import { useNow } from "@/parts/use-now";

import { AutonomousActs } from "./autonomous-acts";
import { AutonomousFigures } from "./autonomous-figures";
import { channelLanes, logLane, traceLanes } from "./lanes-of";
import { Log } from "./log";
import { Notice } from "./notice";
import { PickedPanel } from "./picked-panel";
import { PickedProduction } from "./picked-production";
import { autonomousQuery, DRAWN, logQuery, productionsQuery } from "./queries";
import { Reports } from "./reports";
import { Slots } from "./slots";
import { Timeline } from "./timeline";
import { useTraces } from "./use-traces";

const POLL_MS = 10_000;
const NO_LOG: readonly RunEvent[] = [];
const NO_RUNS: readonly RunView[] = [];

/** One autonomous run: its plan, its productions by channel, agent and queue, what went wrong, and a hand on it. */
export default function AutonomousPage() {
  const { id = "" } = useParams();
  const run = useQuery({ ...autonomousQuery(id), refetchInterval: usePoll(POLL_MS) });
  return (
    <QueryView query={run} loading={<Page title="An autonomous run" wide><LoadingView rows={1} height={96} /><LoadingView rows={6} /></Page>}>
      {(data) => <Run key={data.run_id} run={data} />}
    </QueryView>
  );
}

function Run({ run }: { run: AutonomousRunDetail }) {
  const now = useNow();
  const [picked, setPicked] = useState<string | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const log = useQuery({ ...logQuery("autonomous-runs", run.run_id), refetchInterval: POLL_MS });
  const productions = useQuery({ ...productionsQuery(run.run_id), refetchInterval: usePoll(POLL_MS) });
  const runs = productions.data?.items ?? NO_RUNS;
  const traced = useTraces(runs);
  const events = log.data ?? NO_LOG;
  const lanes = useMemo(() => [logLane(events), ...channelLanes(run.slots, runs, now), ...traceLanes(traced.map((one) => one.trace), now)], [events, run.slots, runs, traced, now]);
  const ended = run.ended_at === null ? null : new Date(run.ended_at).getTime();
  const held = Object.entries(run.held).map(([channel, why]) => `${channel} begins nothing: ${String(why)}`);
  const resting = Object.keys(run.resting).map((channel) => `${channel} rests after everything was refused`);
  return (
    <Page title={`Autonomous run on ${run.channels.join(", ")}`} wide actions={<AutonomousActs run={run} />}>
      <AutonomousFigures run={run} />
      {run.reason ? <Notice tone="waiting">{run.status === "ended" ? "It ended" : `It is ${run.status}`}: {run.reason}</Notice> : null}
      {[...held, ...resting].map((why) => <Notice key={why} tone="waiting">{why}</Notice>)}
      <Timeline
        lanes={lanes} more={[new Date(run.starts_at).getTime(), ended ?? new Date(run.ends_at).getTime()]} picked={picked} onPick={setPicked} cursor={cursor} onCursor={setCursor}
        note={runs.length > DRAWN ? `agents and queues of the ${String(DRAWN)} newest of ${String(runs.length)}` : "from its start to its end"}
      />
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "minmax(0, 1fr) minmax(0, 1fr)" }, gap: 4, alignItems: "start" }}>
        <PickedPanel picked={picked} traced={traced} log={events} other={<PickedProduction picked={picked} run={run} runs={runs} />} />
        <Log log={events} cursor={cursor} picked={picked} onPick={setPicked} />
      </Box>
      <Slots run={run} />
      <Reports id={run.run_id} to={run.report_to} />
    </Page>
  );
}
