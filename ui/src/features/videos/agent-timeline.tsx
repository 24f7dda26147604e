import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link as RouterLink } from "react-router-dom";

import { traceQuery } from "@/api/queries";
import type { Trace } from "@/api/schema";
import { DecisionView } from "@/parts/decision-view";
import { EmptyView } from "@/parts/empty-view";
import { Json } from "@/parts/named-facts";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { SnapshotView } from "@/parts/snapshot-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { count, duration, plain } from "@/parts/words";

import { type Step, stepsOf } from "./steps-of";

const TROUBLE = new Set(["dead", "quarantined"]);

/** Who did what on the way to this video: each step opens to what the agent saw, chose and gave. */
export function AgentTimeline({ run }: { run: string }) {
  const trace = useQuery(traceQuery(run));
  return (
    <Panel title="How it was made" flush aside={<Link component={RouterLink} to={`/runs/${run}`} variant="caption">Lanes and log</Link>}>
      <QueryView query={trace} loading={<Box sx={{ height: 240 }} />}>{(data) => <Steps run={run} trace={data} />}</QueryView>
    </Panel>
  );
}

function Steps({ run, trace }: { run: string; trace: Trace }) {
  const steps = useMemo(() => stepsOf(trace), [trace]);
  if (steps.length === 0) return <EmptyView icon="run" title="Nothing was done yet">Each step of its agents appears here as it is done.</EmptyView>;
  return <>{steps.map((one) => <StepRow key={one.id} run={run} trace={trace} step={one} />)}</>;
}

function StepRow({ run, trace, step }: { run: string; trace: Trace; step: Step }) {
  const [open, setOpen] = useState(false);
  const isBad = step.jobs.some((one) => TROUBLE.has(one.state));
  const isGoing = step.seconds === null && step.jobs.length > 0;
  return (
    <Box component="details" onToggle={(event) => { setOpen(event.currentTarget.open); }} sx={{ borderBottom: 1, borderColor: "divider", "&:last-of-type": { borderBottom: 0 } }}>
      <Box component="summary" data-figures sx={{ display: "flex", alignItems: "center", gap: 3, flexWrap: "wrap", paddingInline: 4, minHeight: 40, fontSize: 13, cursor: "pointer", "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 } }}>
        <Box component="span" sx={{ fontWeight: 560 }}>{plain(step.node)}{step.time > 1 ? `, time ${String(step.time)}` : ""}</Box>
        <Box component="span" sx={{ flex: 1, color: "text.secondary" }}>{[plain(step.agent), step.decisions.length === 0 ? "" : count(step.decisions.length, "decision"), step.jobs.length === 0 ? "" : count(step.jobs.length, "job")].filter(Boolean).join(", ")}</Box>
        {isBad ? <StateChip state="failed" word="a job failed" /> : isGoing ? <StateChip state="running" /> : null}
        <Box component="span" sx={{ color: "text.secondary" }}>{step.seconds === null ? "" : duration(step.seconds)}</Box>
        <Box component="span" sx={{ color: "text.secondary", minWidth: 72, textAlign: "end" }}><When at={step.from} /></Box>
      </Box>
      {open ? (
        <Box sx={{ display: "grid", gap: 4, padding: 4, paddingBlockStart: 2 }}>
          <SnapshotView run={run} trace={trace} node={step.node} iteration={step.iteration} />
          {step.decisions.map((one, at) => <DecisionView key={at} one={one} />)}
          {step.jobs.map((one) => <Json key={one.id} title={`${plain(one.tool)} gave`} value={one.error ?? one.result ?? `more than is shown here; its digest is ${one.output ?? "not known yet"}`} />)}
        </Box>
      ) : null}
    </Box>
  );
}
