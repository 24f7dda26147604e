import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { lazy, type ReactNode, Suspense } from "react";
import { Link as RouterLink } from "react-router-dom";

import type { TrendView } from "@/api/schema";
import { Icon } from "@/parts/icon";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { count, plain } from "@/parts/words";

import { outlook, trust } from "./queries";
import type { Make } from "./use-make";

const OutlookChart = lazy(() => import("./outlook-chart"));

/** What is known of one topic: what is expected, what speaks for it, and why it was passed over. */
export function TopicPanel({ topic, make }: { topic: TrendView; make: Make }) {
  const { state, word, means } = trust(topic.forecast);
  const action = make.may ? (
    <Button variant="contained" startIcon={<Icon name="plus" />} disabled={make.busy} onClick={() => { make.start(topic); }}>{make.busy ? "Queueing it…" : "Make this"}&nbsp;<kbd style={{ color: "inherit" }}>m</kbd></Button>
  ) : undefined;
  return (
    <Panel title={topic.topic} aside={action}>
      <Box sx={{ display: "grid", gap: 5 }}>
        <Typography variant="caption" color="textSecondary">
          First seen <When at={topic.first_seen} />, last <When at={topic.last_seen} />{topic.keywords.length > 0 ? `; ${topic.keywords.join(", ")}` : ""}. {make.may ? `A video of it is made for ${make.channel ?? "whichever channel has most room"}.` : "An operator can make a video of it."}
        </Typography>
        <Part title="What is expected?">
          {topic.series.some((one) => one.points.length > 1) ? <Suspense fallback={<LoadingView rows={1} height={220} />}><OutlookChart topic={topic} /></Suspense> : null}
          <Box sx={{ display: "flex", gap: 2, alignItems: "baseline", flexWrap: "wrap" }}>
            <StateChip state={state} word={word} />
            <Typography variant="body2" sx={{ flex: 1, minWidth: 240 }}>{outlook(topic.forecast) ? `It ${outlook(topic.forecast)}. ` : ""}{means}</Typography>
          </Box>
          {topic.forecast ? <Typography variant="caption" color="textSecondary">{topic.forecast.unit} of {topic.forecast.source}, {count(topic.forecast.length, "value")}; {topic.forecast.method}; made <When at={topic.forecast.made_at} />{topic.forecast.peak_at ? <>; highest <When at={topic.forecast.peak_at} /></> : null}</Typography> : null}
        </Part>
        <Part title="How does it score?"><Scores scores={topic.scores} /></Part>
        <Part title="Who talks about it?"><Evidence topic={topic} /></Part>
        {topic.refused.length > 0 ? <Part title="Why was it passed over?"><Refusals topic={topic} /></Part> : null}
      </Box>
    </Panel>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return <Box component="section" aria-label={title} sx={{ display: "grid", gap: 2 }}><Typography variant="h3">{title}</Typography>{children}</Box>;
}

function Scores({ scores }: { scores: TrendView["scores"] }) {
  const named = Object.entries(scores).filter(([name]) => name !== "expected_growth_48h");
  if (named.length === 0) return <Typography variant="body2" color="textSecondary">It was not scored yet.</Typography>;
  return (
    <Box component="dl" sx={{ display: "grid", gridTemplateColumns: "140px 1fr 36px", gap: 2, margin: 0, fontSize: 13, alignItems: "center", "& dd": { margin: 0 } }}>
      {named.map(([name, value]) => (
        <Box key={name} sx={{ display: "contents" }}>
          <dt>{plain(name)}</dt>
          <Box component="dd" aria-hidden sx={{ height: 6, borderRadius: 1, backgroundColor: "action.selected" }}><Box sx={{ height: "100%", borderRadius: 1, backgroundColor: "primary.main" }} style={{ width: `${String(Math.min(100, Math.max(0, value * 100)))}%` }} /></Box>
          <Box component="dd" sx={{ textAlign: "end" }}>{Math.round(value * 100)}</Box>
        </Box>
      ))}
    </Box>
  );
}

function Evidence({ topic }: { topic: TrendView }) {
  if (topic.sources.length === 0) return <Typography variant="body2" color="textSecondary">No source is known.</Typography>;
  return (
    <Box component="ul" sx={{ margin: 0, paddingInlineStart: 4, display: "grid", gap: 1, fontSize: 13 }}>
      {topic.sources.map((one) => (
        <li key={one.id}>
          {one.name} <Box component="span" sx={{ color: "text.secondary" }}>({plain(one.kind)})</Box>
          {one.addresses.map((address) => <Box key={address}>{/^https?:/.test(address) ? <Link href={address} target="_blank" rel="noreferrer" sx={{ overflowWrap: "anywhere" }}>{address}</Link> : address}</Box>)}
        </li>
      ))}
    </Box>
  );
}

function Refusals({ topic }: { topic: TrendView }) {
  return (
    <Box component="ul" sx={{ margin: 0, paddingInlineStart: 4, display: "grid", gap: 1, fontSize: 13 }}>
      {topic.refused.map((one) => <li key={`${one.run}${one.at}`}>{one.reason} <Box component="span" sx={{ color: "text.secondary" }}>(<When at={one.at} />, <Link component={RouterLink} to={`/runs/${one.run}`}>its run</Link>)</Box></li>)}
    </Box>
  );
}
