import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useInfiniteQuery, type UseInfiniteQueryResult } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense } from "react";
import { Link } from "react-router-dom";

import type { Fresh, VideoFigures } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { ProblemView } from "@/parts/problem-view";
import { When } from "@/parts/when";
import { count } from "@/parts/words";
import { useUi } from "@/session/ui-store";

import { ForecastPanel } from "./forecast-panel";
import { PublicationTable } from "./publication-table";
import { publicationsQuery, withViews } from "./queries";
import { SuccessPanel } from "./success-panel";
import { Sums } from "./sums";

const ViewsChart = lazy(() => import("./views-chart"));

/** How what was published does, as far as platforms told it, each figure with its age. */
export default function AnalyticsPage() {
  const channel = useUi((ui) => ui.channel);
  const read = useInfiniteQuery(publicationsQuery(channel));
  const videos = read.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Analytics">
      {channel === null ? null : <Sums channel={channel} />}
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" }, gap: 4 }}>
        <SuccessPanel channel={channel} />
        <ForecastPanel channel={channel} />
      </Box>
      {read.isError ? <ProblemView error={read.error} onRetry={() => void read.refetch()} /> : null}
      {read.isPending ? <LoadingView rows={6} height={64} /> : null}
      {read.isSuccess && videos.length === 0 ? <Nothing /> : null}
      {videos.length > 0 ? <Known videos={videos} fresh={read.data?.pages[0]?.freshness} channel={channel} more={<More query={read} />} /> : null}
    </Page>
  );
}

function More({ query }: { query: Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage"> }) {
  if (!query.hasNextPage) return null;
  return (
    <Box sx={{ padding: 3, textAlign: "center" }}>
      <Button color="inherit" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{query.isFetchingNextPage ? "Reading more…" : "Show older ones"}</Button>
    </Box>
  );
}

function Nothing() {
  return (
    <Panel title="How does what was published do?">
      <EmptyView icon="chart" title="Nothing was published yet" action={<Button component={Link} to="/approvals" variant="outlined">See what waits for you</Button>}>
        An hour after its first video the crisis monitor looks at it, and what the platform tells appears here.
      </EmptyView>
    </Panel>
  );
}

function Known({ videos, fresh, channel, more }: { videos: readonly VideoFigures[]; fresh: Fresh | undefined; channel: string | null; more: ReactNode }) {
  const charted = withViews(videos);
  return (
    <>
      <Panel title="How many watch each video?" aside={<Age fresh={fresh} />}>
        {charted.length === 0 ? <EmptyView icon="clock" title="No views are known yet">{channel === null ? "Choose a channel above for its sums; " : ""}the table says of each figure why it is not known.</EmptyView> : (
          <Suspense fallback={<LoadingView rows={1} height={220} />}><ViewsChart videos={charted} /></Suspense>
        )}
        {charted.length > 0 && charted.length < videos.length ? <Typography variant="caption" color="textSecondary">{count(videos.length - charted.length, "publication")} left out, whose views are not known.</Typography> : null}
      </Panel>
      <Panel title="What is known of each?" flush>
        <PublicationTable videos={videos} />
        {more}
      </Panel>
    </>
  );
}

function Age({ fresh }: { fresh: Fresh | undefined }) {
  if (fresh === undefined) return null;
  return <Typography variant="caption" color="textSecondary">as of <When at={fresh.as_of} />{fresh.source === "replica" ? ", from a replica" : ""}</Typography>;
}
