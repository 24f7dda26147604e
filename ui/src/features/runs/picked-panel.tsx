import Box from "@mui/material/Box";
import type { ReactNode } from "react";

import type { RunEvent, Trace } from "@/api/schema";
import { DecisionView } from "@/parts/decision-view";
import { EmptyView } from "@/parts/empty-view";
import { Facts, Json } from "@/parts/named-facts";
import { Panel } from "@/parts/panel";
import { SnapshotView } from "@/parts/snapshot-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { duration, plain } from "@/parts/words";

import { sayingOf, toneOfState } from "./words";

export interface Traced {
  run: string;
  trace: Trace;
}

interface Parts {
  picked: string | null;
  traced: readonly Traced[];
  log: readonly RunEvent[];
  /** What else can be picked here. */
  other?: ReactNode;
}

/** What was picked in the timeline: the job, the decision or the event, with the snapshot that it worked on and its reasons. */
export function PickedPanel({ picked, traced, log, other = null }: Parts) {
  const [kind, id] = picked?.split(":") ?? [];
  const shown: ReactNode = kind === "job" ? <Job id={id ?? ""} traced={traced} /> : kind === "decision" ? <Decided at={Number(id)} traced={traced} /> : kind === "event" ? <Happened seq={Number(id)} log={log} /> : other;
  return (
    <Panel title="Looked at">
      {shown ?? <EmptyView icon="eye" title="Nothing is picked">Click something in the timeline, or go through it with j and k: it shows what the agent saw, what it chose, and why.</EmptyView>}
    </Panel>
  );
}

function between(from: string | null, to: string | null): string | null {
  return from === null || to === null ? null : duration((new Date(to).getTime() - new Date(from).getTime()) / 1000);
}

/** Arguments and results that are larger than is told are named by their digest. */
function Kept({ title, value, digest }: { title: string; value: unknown; digest: string | null }) {
  if (value === null && digest === null) return null;
  return <Json title={title} value={value ?? `larger than is shown here; its digest is ${digest ?? ""}`} />;
}

function Job({ id, traced }: { id: string; traced: readonly Traced[] }) {
  const found = traced.flatMap(({ run, trace }) => trace.jobs.map((job) => ({ run, trace, job }))).find((one) => one.job.id === id);
  if (found === undefined) return null;
  const { run, trace, job } = found;
  const decisions = trace.decisions.filter((one) => one.node === job.node && one.iteration === job.iteration);
  return (
    <Box sx={{ display: "grid", gap: 4 }}>
      <Box sx={{ display: "flex", gap: 3, alignItems: "center", flexWrap: "wrap" }}>
        <Box component="h3" sx={{ margin: 0, fontSize: 15, fontWeight: 600 }}>{plain(job.tool)}</Box>
        <StateChip state={job.state} tone={toneOfState(job.state)} />
        {job.attempts > 1 ? <StateChip state="attempts" tone="waiting" word={`${String(job.attempts)} attempts`} /> : null}
      </Box>
      <Facts
        facts={[
          ["Agent", plain(job.agent)], ["Step", job.iteration === 0 ? job.node : `${job.node}, round ${String(job.iteration + 1)}`], ["Queue", job.queue], ["Asked", <When key="asked" at={job.created_at} />],
          ["Waited", between(job.created_at, job.started_at) ?? "still waits"], ["Worked", between(job.started_at, job.finished_at) ?? `${String(Math.round(job.progress * 100))}% done`], ["Says", job.note || "nothing"],
        ]}
      />
      {job.error === null ? null : <Json title="Its last fault" value={job.error} open />}
      <Kept title="What it was given" value={job.args} digest={job.input} />
      <Kept title="What it gave" value={job.result} digest={job.output} />
      {decisions.map((one, at) => <DecisionView key={at} one={one} />)}
      <SnapshotView run={run} trace={trace} node={job.node} iteration={job.iteration} />
    </Box>
  );
}

function Decided({ at, traced }: { at: number; traced: readonly Traced[] }) {
  const found = traced.flatMap(({ run, trace }) => trace.decisions.map((one) => ({ run, trace, one })))[at];
  if (found === undefined) return null;
  const { run, trace, one } = found;
  return (
    <Box sx={{ display: "grid", gap: 4 }}>
      <DecisionView one={one} />
      <Facts facts={[["Agent", plain(one.agent)], ["Step", one.node], ["Decided", <When key="at" at={one.created_at} />]]} />
      <SnapshotView run={run} trace={trace} node={one.node} iteration={one.iteration} />
    </Box>
  );
}

function Happened({ seq, log }: { seq: number; log: readonly RunEvent[] }) {
  const one = log.find((event) => event.seq === seq);
  if (one === undefined) return null;
  const said = sayingOf(one);
  return (
    <Box sx={{ display: "grid", gap: 4 }}>
      <Box><StateChip state={one.kind} tone={said.tone} word={said.word} /></Box>
      <Facts facts={[["When", <When key="at" at={one.at} />], ["Event", one.kind], ["Number", String(one.seq)]]} />
      <Json title="What was written down" value={one.payload} open />
    </Box>
  );
}
