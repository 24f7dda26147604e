import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "react-router-dom";

import { asProblem } from "@/api/problem";
import type { ReadinessView } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { ProblemView } from "@/parts/problem-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { count, plain } from "@/parts/words";

import type { Lacking } from "./start-form";
import { wayOf } from "./ways";

interface Parts {
  /** Why a start was refused, if it was. */
  error: unknown;
  lacking: readonly Lacking[];
  complete: boolean;
  looked: UseQueryResult<ReadinessView>;
  onAskOutside: () => void;
}

const PLANNED = 5;

/** What keeps it from starting, each with its fix, and what it would begin with: looked at while the form is filled in. */
export function Readiness({ error, lacking, complete, looked, onAskOutside }: Parts) {
  if (error !== null) return <Refused error={error} lacking={lacking} />;
  if (!complete) return <EmptyView icon="edit" title="The form is not whole yet">Mend the fields that are marked; then it is looked at whether the run could start.</EmptyView>;
  if (looked.isError) return <ProblemView error={looked.error} onRetry={() => void looked.refetch()} />;
  if (looked.data === undefined) return <LoadingView rows={5} height={28} />;
  return <Looked found={looked.data} old={looked.isPlaceholderData} busy={looked.isFetching} onAskOutside={onAskOutside} />;
}

function Refused({ error, lacking }: { error: unknown; lacking: readonly Lacking[] }) {
  const run = asProblem(error).details["run"];
  if (lacking.length === 0) {
    return (
      <Box sx={{ display: "grid", gap: 3 }}>
        <ProblemView error={error} title="It did not start" />
        {typeof run === "string" ? <Link to={`/runs/autonomous/${run}`} style={{ fontSize: 14, color: "inherit" }}>Look at the run that works there</Link> : null}
      </Box>
    );
  }
  return (
    <Box role="alert" sx={{ display: "grid", gap: 3 }}>
      <Typography variant="body2"><b>It did not start, and nothing was begun.</b> Mend this and start again:</Typography>
      <Problems lacking={lacking} />
    </Box>
  );
}

function Problems({ lacking }: { lacking: readonly Lacking[] }) {
  return lacking.map((one) => (
    <Box key={`${one.field} ${one.said}`} sx={{ display: "grid", gap: 1, borderLeft: 3, borderColor: "tone.trouble.ink", paddingInlineStart: 3 }}>
      <Typography variant="body2"><b>{plain(one.field)}</b>: {one.said}</Typography>
      <Remedy one={one} />
    </Box>
  ));
}

function Remedy({ one }: { one: Lacking }) {
  const way = wayOf(one);
  if (way === null) return one.fix ? <Typography variant="body2" color="textSecondary">{one.fix.charAt(0).toUpperCase() + one.fix.slice(1)}.</Typography> : null;
  return <Typography variant="body2" color="textSecondary">{way.before}<Link to={way.to} style={{ color: "inherit" }}>{way.link}</Link>{way.after}</Typography>;
}

function Looked({ found, old, busy, onAskOutside }: { found: ReadinessView; old: boolean; busy: boolean; onAskOutside: () => void }) {
  const { ready, problems, plan, notes, asked_outside: asked } = found;
  return (
    <Box sx={{ display: "grid", gap: 4, opacity: old ? 0.6 : 1 }} aria-busy={old}>
      <Box role="status"><StateChip state={ready ? "ok" : "open"} word={ready ? "All that it needs is there" : `${count(problems.length, "thing")} to mend first`} /></Box>
      <Problems lacking={problems} />
      {plan.length === 0 ? null : (
        <Box component="section" aria-label="What it begins with" sx={{ display: "grid", gap: 2 }}>
          <Typography variant="h3" component="h3">It begins with {count(plan.length, "publication")}</Typography>
          {plan.slice(0, PLANNED).map((one) => <Typography key={`${one.channel} ${one.publish_at}`} variant="body2"><b>{one.channel}</b>, shown <When at={one.publish_at} />{one.why[0] === undefined ? "" : `: ${one.why[0]}`}</Typography>)}
          {plan.length > PLANNED ? <Typography variant="caption" color="textSecondary">and {plan.length - PLANNED} more</Typography> : null}
        </Box>
      )}
      {notes.map((one) => <Typography key={one} variant="body2" color="textSecondary">{one}</Typography>)}
      <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
        <Typography variant="caption" color="textSecondary" sx={{ flex: 1 }}>{asked ? "Providers and sources outside were asked too." : "Providers and sources outside are asked when you start it."}</Typography>
        {asked ? null : <Button size="small" color="inherit" disabled={busy} onClick={onAskOutside}>Ask them now</Button>}
      </Box>
    </Box>
  );
}
