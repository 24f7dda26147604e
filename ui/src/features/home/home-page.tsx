import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { ReactElement, ReactNode } from "react";
import { Link, Navigate } from "react-router-dom";

import { channelsQuery } from "@/api/queries";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

import { ChannelsPanel } from "./channels-panel";
import { Figures } from "./figures";
import { pendingQuery, troubleQuery, videosQuery } from "./queries";
import { Row, Rows } from "./row";
import { SpendPanel } from "./spend-panel";
import { WaitingPanel } from "./waiting-panel";

const POLL_MS = 60_000;
const MAKING_POLL_MS = 5_000;

/** In this order: what needs me, what is going wrong, what is being made, what goes out next, what it costs, how it does. */
export default function HomePage() {
  const channel = useUi((ui) => ui.channel);
  const mayCreate = useSession((session) => session.permissions.has("channels:create"));
  const channels = useQuery(channelsQuery);
  const poll = usePoll(POLL_MS);
  const pending = useQuery({ ...pendingQuery(channel), refetchInterval: poll });
  const trouble = useQuery({ ...troubleQuery(channel), refetchInterval: poll });
  const making = useQuery({ ...videosQuery("making", channel), refetchInterval: usePoll(MAKING_POLL_MS) });
  const scheduled = useQuery({ ...videosQuery("scheduled", channel), refetchInterval: poll });
  const published = useQuery({ ...videosQuery("published", channel), refetchInterval: poll });
  if (mayCreate && channels.data?.items.length === 0) return <Navigate to="/first-run" replace />;
  return (
    <Page title="Home">
      <Figures />
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 1fr 1fr" }, gap: 4, alignItems: "start" }}>
        <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
          <Listed title="Waits for you" query={pending} to="/approvals" none={<EmptyView icon="check" title="Nothing waits for you">What the agents ask for appears here by itself.</EmptyView>}>
            {(data) => data.items.map((one) => <Row key={one.id} to={`/approvals/${one.id}`} title={one.title || one.topic} under={`${one.channel}; ${one.gate === "script" ? "its script" : "ready to publish"}`} aside={<When at={one.created_at} />} />)}
          </Listed>
          <Listed title="Going wrong" query={trouble} to="/incidents" none={<EmptyView icon="shield" title="No open incident" />}>
            {(data) => data.items.map((one) => <Row key={one.id} to={`/incidents/${one.id}`} title={one.summary} under={one.channel ?? "the studio"} aside={<><StateChip state={one.severity} /><When at={one.opened} /></>} />)}
          </Listed>
        </Box>
        <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
          <Listed title="Being made" query={making} to="/videos" none={<EmptyView icon="film" title="Nothing is being made">Ctrl-K and a topic begins a video.</EmptyView>}>
            {(data) => data.items.map((one) => <Row key={one.id} to={`/videos/${one.id}`} title={one.title || one.topic || "a topic is being found"} under={one.channel} aside={<When at={one.created_at} />} />)}
          </Listed>
          <Listed title="Goes out next" query={scheduled} to="/videos" none={<EmptyView icon="calendar" title="Nothing is scheduled" />}>
            {(data) => [...data.items].sort((one, other) => (one.publish_at ?? "").localeCompare(other.publish_at ?? "")).map((one) => <Row key={one.id} to={`/videos/${one.id}`} title={one.title} under={one.channel} aside={one.publish_at ? <When at={one.publish_at} /> : "at once"} />)}
          </Listed>
        </Box>
        <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
          <SpendPanel />
          <Listed title="Published last" query={published} to="/videos" none={<EmptyView icon="film" title="Nothing is published yet" />}>
            {(data) => data.items.map((one) => <Row key={one.id} to={`/videos/${one.id}`} title={one.title} under={`${one.channel}; ${one.publisher ?? one.provenance}`} aside={one.published_at ? <When at={one.published_at} /> : null} />)}
          </Listed>
        </Box>
      </Box>
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "2fr 1fr" }, gap: 4, alignItems: "start" }}>
        <WaitingPanel />
        <ChannelsPanel channel={channel} />
      </Box>
    </Page>
  );
}

interface ListedParts<T> {
  title: string;
  query: UseQueryResult<T>;
  to: string;
  none: ReactNode;
  children: (data: T) => ReactElement[];
}

function Listed<T>({ title, query, to, none, children }: ListedParts<T>) {
  return (
    <Panel title={title} flush aside={<Button component={Link} to={to} color="inherit" sx={{ color: "text.secondary", minWidth: 0, marginInlineEnd: -2 }}>All</Button>}>
      <QueryView query={query} loading={<Rows none={<Box sx={{ padding: 4 }}><LoadingView rows={4} height={38} /></Box>}>{[]}</Rows>}>
        {(data) => <Rows none={none}>{children(data)}</Rows>}
      </QueryView>
    </Panel>
  );
}
