import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { Link } from "react-router-dom";

import type { AutonomousRunDetail, RunView, SlotView } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { Icon } from "@/parts/icon";

interface Parts {
  picked: string | null;
  run: AutonomousRunDetail;
  runs: readonly RunView[];
}

/** A production or a planned time of an autonomous run: why it is there, and the way to its own timeline. */
export function PickedProduction({ picked, run, runs }: Parts) {
  const [kind, id] = picked?.split(":") ?? [];
  const slot = kind === "slot" ? run.slots.find((one) => one.slot === id) : undefined;
  const production = kind === "run" ? id : slot?.production;
  if (kind !== "run" && slot === undefined) return <EmptyView icon="eye" title="Nothing is picked">Click a production, a planned time or a job in the timeline, or go through them with j and k.</EmptyView>;
  return <Shown slot={slot} production={production ?? null} found={runs.find((one) => one.id === production)} />;
}

function titleOf(slot: SlotView | undefined, found: RunView | undefined): string {
  return [found?.title, found?.topic, slot?.title].find(Boolean) ?? "A video";
}

function Shown({ slot, production, found }: { slot: SlotView | undefined; production: string | null; found: RunView | undefined }) {
  const why = [...(slot?.why ?? []), slot?.note ?? "", ...(found?.reasons ?? [])].filter(Boolean);
  return (
    <Box sx={{ display: "grid", gap: 3, justifyItems: "start", fontSize: 13 }}>
      <Box component="h3" sx={{ margin: 0, fontSize: 15, fontWeight: 600 }}>{titleOf(slot, found)}</Box>
      {why.length === 0 ? null : <Box component="ul" sx={{ margin: 0, paddingInlineStart: 4.5 }}>{why.map((one) => <li key={one}>{one}</li>)}</Box>}
      {production === null ? <span>It has not begun.</span> : <Button component={Link} to={`/runs/${production}`} variant="outlined" startIcon={<Icon name="run" />}>Its jobs and decisions</Button>}
    </Box>
  );
}
