import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";

import type { NearestView, Sameness } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { When } from "@/parts/when";
import { count } from "@/parts/words";

import { samenessQuery } from "./queries";

const POLL_MS = 60_000;
const WORDS: Record<NearestView["measure"], string> = { wording: "wording", meaning: "meaning", structure: "structure", presence: "look and sound", thumbnail: "thumbnail" };

/** How near a channel comes to the others: the measure that is nearest its limit, as one bar, and all of them behind it. */
export function SamenessPanel({ id }: { id: string }) {
  const sameness = useQuery({ ...samenessQuery(id), refetchInterval: usePoll(POLL_MS) });
  return (
    <Panel title="How unlike the others is it?" aside={sameness.data ? <Typography variant="caption" color="textSecondary">{sameness.data.checks === 0 ? "no video measured yet" : `its newest ${count(sameness.data.checks, "measurement")}, ${sameness.data.provenance}`}</Typography> : undefined}>
      <QueryView query={sameness} loading={<LoadingView rows={1} height={104} />}>
        {(data) => (data.nearest === null ? <EmptyView icon="channel" title="It is alone">Once there is another channel, this says how alike the two look, sound and write, and how much of that is allowed.</EmptyView> : <Standing data={data} nearest={data.nearest} />)}
      </QueryView>
    </Panel>
  );
}

function Standing({ data, nearest }: { data: Sameness; nearest: NearestView }) {
  const share = Math.min(1, nearest.share);
  const told = `${nearest.value.toFixed(2)} of the ${nearest.limit.toFixed(2)} that are allowed`;
  return (
    <Box sx={{ display: "grid", gap: 3 }} data-figures="">
      <Typography variant="body2">Nearest in <b>{WORDS[nearest.measure]}</b> to <Link to={`/channels/${nearest.channel}`}>{nearest.channel}</Link>{nearest.title && nearest.run ? `, “${nearest.title}”` : ""}: {told}.</Typography>
      <Box role="img" aria-label={`${WORDS[nearest.measure]}: ${told}`} sx={{ height: 10, borderRadius: 1, overflow: "hidden", backgroundColor: "action.selected" }}>
        <Box sx={{ height: "100%", backgroundColor: share >= 1 ? "tone.trouble.ink" : share >= 0.9 ? "tone.waiting.ink" : "primary.main" }} style={{ width: `${String(share * 100)}%` }} />
      </Box>
      {data.budget.measured > 0 ? <Typography variant="body2" color="textSecondary">{data.budget.over} of its last {count(data.budget.measured, "first draft")} {data.budget.over === 1 ? "was" : "were"} over a limit{data.budget.room < 1 ? `, so it is given ${String(Math.round(data.budget.room * 100))}% of its slots` : ""}.</Typography> : null}
      <Box component="details" sx={{ fontSize: 12, "& summary": { cursor: "pointer", color: "text.secondary", width: "fit-content" } }}>
        <summary>Every measure</summary>
        <Box component="ul" sx={{ margin: 0, marginBlockStart: 2, padding: 0, listStyle: "none", display: "grid", gap: 2 }}>
          {data.measures.map((one) => (
            <Box component="li" key={`${one.measure} ${one.to}`} sx={{ display: "grid", gridTemplateColumns: "1fr auto", gap: 2 }}>
              <span>{WORDS[one.measure]}, {one.to === "own" ? "to its own videos" : "to other channels"}{one.channel && one.to === "others" ? `: ${one.channel}` : ""}{one.measured_at === null ? "" : <>; <When at={one.measured_at} /></>}</span>
              <span>{one.value.toFixed(2)} of {one.limit.toFixed(2)}</span>
            </Box>
          ))}
        </Box>
      </Box>
    </Box>
  );
}
