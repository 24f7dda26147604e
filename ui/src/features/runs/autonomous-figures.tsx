import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { AutonomousRunDetail } from "@/api/schema";
import { StateChip } from "@/parts/state-chip";
import { useNow } from "@/parts/use-now";
import { When } from "@/parts/when";
import { dayAndHour, duration, money, plain } from "@/parts/words";

import { requestQuery } from "./queries";
import { toneOfState } from "./words";

const MISSED: Record<string, string> = { skip: "missed times are left out", catch_up: "missed times are caught up", ask: "missed times ask you" };

/** How it stands, how long it goes on, what it may spend, and what it was asked for. */
export function AutonomousFigures({ run }: { run: AutonomousRunDetail }) {
  const request = useQuery(requestQuery(run.run_id));
  const asked = request.data?.request ?? {};
  const [decides = "…", ...others] = [asked["autonomy"] === null ? "each channel as it is set" : text(asked["autonomy"]), MISSED[text(asked["missed"])] ?? "", text(asked["privacy"])].filter(Boolean).map(plain);
  const counts = Object.entries(run.counts).map(([status, many]) => `${String(many)} ${plain(status)}`);
  return (
    <Box sx={{ display: "grid", gridTemplateColumns: { xs: "repeat(2, minmax(0, 1fr))", md: "repeat(5, minmax(0, 1fr))" }, gap: "1px", border: 1, borderColor: "divider", borderRadius: 1, backgroundColor: "divider", overflow: "hidden", "& > div:last-of-type": { gridColumn: { xs: "1 / -1", md: "auto" } } }}>
      <Figure label="State" under={<Wakes run={run} />}><StateChip state={run.status} tone={toneOfState(run.status)} /></Figure>
      <Time run={run} />
      <Figure label="Spent" under={`of ${money(run.budget_usd)}`} part={run.budget_usd === 0 ? 0 : run.spent_usd / run.budget_usd}>{money(run.spent_usd)}</Figure>
      <Figure label="Videos" under={counts.join(", ") || "none is planned yet"}>{run.slots.length}</Figure>
      <Figure label="Who decides" under={others.join("; ")}>{decides}</Figure>
    </Box>
  );
}

function Wakes({ run }: { run: AutonomousRunDetail }) {
  if (run.ended_at !== null) return <>since <When at={run.ended_at} /></>;
  return run.next_wake_at === null ? "wakes when it is needed" : <>wakes <When at={run.next_wake_at} />, {run.wakes} so far</>;
}

function Time({ run }: { run: AutonomousRunDetail }) {
  const now = useNow();
  const starts = new Date(run.starts_at).getTime();
  const end = run.ended_at ?? run.ends_at;
  const ends = new Date(end).getTime();
  const over = run.ended_at !== null;
  const done = over ? 1 : Math.min(1, Math.max(0, (now - starts) / (ends - starts)));
  return <Figure label="Time" under={`${dayAndHour(run.starts_at)} to ${dayAndHour(end)}`} part={done}>{over ? `ran ${duration((ends - starts) / 1000)}` : `${duration((ends - now) / 1000)} left`}</Figure>;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function Figure({ label, under, part, children }: { label: string; under: ReactNode; part?: number; children: ReactNode }) {
  return (
    <Box sx={{ padding: 4, minWidth: 0, backgroundColor: "background.paper" }}>
      <Box sx={{ fontSize: 12, color: "text.secondary" }}>{label}</Box>
      <Box sx={{ fontSize: 20, fontWeight: 630, lineHeight: "32px", letterSpacing: "-0.015em", minHeight: 32, display: "flex", alignItems: "center" }}>{children}</Box>
      {part === undefined ? null : <Box aria-hidden sx={{ height: 4, borderRadius: 1, backgroundColor: "divider", marginBlock: 1, overflow: "hidden" }}><Box sx={{ height: "100%", backgroundColor: part > 0.9 && label === "Spent" ? "tone.trouble.ink" : "primary.main" }} style={{ width: `${String(Math.min(1, part) * 100)}%` }} /></Box>}
      <Box sx={{ fontSize: 12, color: "text.secondary" }}>{under}</Box>
    </Box>
  );
}
