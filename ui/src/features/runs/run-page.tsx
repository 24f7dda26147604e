import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, Navigate, useParams } from "react-router-dom";

import { traceQuery } from "@/api/queries";
import type { RunEvent, RunView, Trace } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { Icon } from "@/parts/icon";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { useNow } from "@/parts/use-now";
import { When } from "@/parts/when";
import { Who } from "@/parts/who";
import { duration, money } from "@/parts/words";

import { logLane, traceLanes } from "./lanes-of";
import { Log } from "./log";
import { Notice } from "./notice";
import { PickedPanel } from "./picked-panel";
import { logQuery, runCostsQuery, runQuery } from "./queries";
import { RunActs } from "./run-acts";
import { Timeline, type TimelineParts } from "./timeline";
import { toneOfState } from "./words";

/** Ids say what they are of: links that know only an id lead to the right page. */
const AUTONOMOUS = "auto_";
const POLL_MS = 5_000;
const SLOW_MS = 30_000;
const NO_LOG: readonly RunEvent[] = [];

/** One production: who did what when, what waited, what went wrong and how it recovered. */
export default function RunPage() {
  const { id = "" } = useParams();
  return id.startsWith(AUTONOMOUS) ? <Navigate to={`/runs/autonomous/${id}`} replace /> : <Read id={id} />;
}

function Read({ id }: { id: string }) {
  const run = useQuery({ ...runQuery(id), refetchInterval: usePoll(POLL_MS) });
  return (
    <QueryView query={run} loading={<Page title="A production" wide><LoadingView rows={1} height={40} /><LoadingView rows={6} /></Page>}>
      {(data) => <Run key={data.id} run={data} />}
    </QueryView>
  );
}

function Run({ run }: { run: RunView }) {
  const going = run.finished_at === null;
  const [picked, setPicked] = useState<string | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const trace = useQuery({ ...traceQuery(run.id), refetchInterval: going ? POLL_MS : false });
  const log = useQuery({ ...logQuery("runs", run.id), refetchInterval: usePoll(going ? POLL_MS : SLOW_MS) });
  const events = log.data ?? NO_LOG;
  const traced = useMemo(() => (trace.data === undefined ? [] : [{ run: run.id, trace: trace.data }]), [trace.data, run.id]);
  return (
    <Page title={run.title || run.topic || "A production"} wide actions={<RunActs run={run} events={events} />}>
      <RunFacts run={run} />
      <QueryView query={trace} loading={<LoadingView rows={6} />}>
        {(data) => <Drawn trace={data} events={events} picked={picked} onPick={setPicked} cursor={cursor} onCursor={setCursor} note={going ? "now; asked every 5 s" : "all of it"} />}
      </QueryView>
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "minmax(0, 1fr) minmax(0, 1fr)" }, gap: 4, alignItems: "start" }}>
        <PickedPanel picked={picked} traced={traced} log={events} />
        <Log log={events} cursor={cursor} picked={picked} onPick={setPicked} />
      </Box>
    </Page>
  );
}

interface DrawnParts extends Omit<TimelineParts, "lanes"> {
  trace: Trace;
  events: readonly RunEvent[];
}

function Drawn({ trace, events, ...rest }: DrawnParts) {
  const now = useNow();
  const lanes = useMemo(() => [logLane(events), ...traceLanes([trace], now)], [events, trace, now]);
  return <Timeline lanes={lanes} {...rest} />;
}

function RunFacts({ run }: { run: RunView }) {
  const costs = useQuery({ ...runCostsQuery(run.id), refetchInterval: usePoll(SLOW_MS) });
  const toEnd = run.finished_at === null ? run.stop_reason : null;
  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 4, alignItems: "center", fontSize: 13, color: "text.secondary" }}>
        <StateChip state={run.status} tone={toneOfState(run.status)} />
        <span>{run.channel}</span>
        <span>began <When at={run.created_at} /></span>
        {run.finished_at === null ? null : <span>took {duration((new Date(run.finished_at).getTime() - new Date(run.created_at).getTime()) / 1000)}</span>}
        <span>cost {costs.data === undefined ? "…" : money(costs.data.total_usd)}</span>
        {run.autonomous_run === null ? null : <Button component={Link} to={`/runs/autonomous/${run.autonomous_run}`} startIcon={<Icon name="run" />}>Its autonomous run</Button>}
        {run.provenance === "demo" ? <span>made from the demo corpus</span> : null}
      </Box>
      {toEnd === null ? null : <Notice tone="waiting">It is to end: {toEnd}</Notice>}
      {run.paused === null || toEnd !== null ? null : <Notice tone="waiting">Paused by <Who id={run.paused.by} /> <When at={run.paused.at} />: {run.paused.reason}. Nothing of it begins until somebody lets it go on.</Notice>}
      {run.reasons.map((why) => <Notice key={why} tone={run.status === "published" ? "good" : "trouble"}>{why}</Notice>)}
    </>
  );
}
