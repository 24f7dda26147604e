import Box from "@mui/material/Box";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router-dom";

import type { Provenance } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { QueryView } from "@/parts/query-view";
import { useShortcuts } from "@/parts/shortcuts";
import { useUi } from "@/session/ui-store";

import { clustersOf, trendsQuery } from "./queries";
import { TopicList } from "./topic-list";
import { TopicPanel } from "./topic-panel";
import { useMake } from "./use-make";

const POLL_MS = 60_000;
const SPANS = [1, 7, 30] as const;
const KINDS: readonly [Provenance, string][] = [["real", "Live"], ["demo", "Demo"], ["rehearsal", "Rehearsal"]];

/** What will be talked about: topics by what they are about at the left, what is known of one at the right. */
export default function TrendsPage() {
  const { id } = useParams();
  const navigate = useNavigate();
  const [asked, setAsked] = useSearchParams();
  const [days, setDays] = useState<number>(7);
  const kind = KINDS.find(([value]) => value === asked.get("of"))?.[0] ?? "real";
  const channel = useUi((ui) => ui.channel);
  const trends = useQuery({ ...trendsQuery(days, kind), refetchInterval: usePoll(POLL_MS) });
  const make = useMake(channel);
  const clusters = clustersOf(trends.data?.topics ?? []);
  const topics = clusters.flatMap((one) => one.topics);
  const at = Math.max(0, topics.findIndex((one) => one.topic_id === id));
  const chosen = topics[at];
  const go = (to: number) => {
    const next = topics[to];
    if (next !== undefined) void navigate({ pathname: `/trends/${next.topic_id}`, search: asked.toString() }, { replace: true });
  };
  useShortcuts("Trends", [
    { keys: "j", does: "the next topic", run: () => { go(at + 1); } },
    { keys: "k", does: "the one before", run: () => { go(at - 1); } },
    { keys: "m", does: "make a video of it", run: () => { if (chosen !== undefined) make.start(chosen); } },
  ]);
  return (
    <Page
      title="Trends" wide
      actions={
        <>
          <ToggleButtonGroup size="small" exclusive value={kind} aria-label="Kind of truth" onChange={(_, value: Provenance | null) => { if (value !== null) setAsked(value === "real" ? {} : { of: value }, { replace: true }); }}>
            {KINDS.map(([value, word]) => <ToggleButton key={value} value={value}>{word}</ToggleButton>)}
          </ToggleButtonGroup>
          <ToggleButtonGroup size="small" exclusive value={days} aria-label="Seen within" onChange={(_, value: number | null) => { if (value !== null) setDays(value); }}>
            {SPANS.map((span) => <ToggleButton key={span} value={span}>{span === 1 ? "1 day" : `${String(span)} days`}</ToggleButton>)}
          </ToggleButtonGroup>
        </>
      }
    >
      <QueryView query={trends} loading={<LoadingView rows={8} height={64} />}>
        {(data) =>
          chosen === undefined ? (
            <EmptyView icon="trend" title={kind === "real" ? "No live topic yet" : "None of this kind"}>
              {data.note ? `${data.note.charAt(0).toUpperCase()}${data.note.slice(1)}.` : ""} {kind === "real" ? "With a network, an autonomous run looks at its sources every hour; Ctrl-K and a topic begins a video without it." : ""}
            </EmptyView>
          ) : (
            <Box sx={{ display: "grid", gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "minmax(380px, 5fr) 7fr" }, gap: 4, alignItems: "start" }}>
              <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
                <Typography variant="caption" color="textSecondary">{topics.length} topics, best first within what they are about. <kbd>j</kbd> <kbd>k</kbd> move, <kbd>m</kbd> makes.</Typography>
                {clusters.map((one) => <TopicList key={one.name} cluster={one} chosen={chosen.topic_id} search={asked.toString()} />)}
              </Box>
              <Box sx={{ position: "sticky", top: 24, minWidth: 0 }}><TopicPanel key={chosen.topic_id} topic={chosen} make={make} /></Box>
            </Box>
          )
        }
      </QueryView>
    </Page>
  );
}
