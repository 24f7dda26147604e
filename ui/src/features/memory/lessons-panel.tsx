import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link as RouterLink } from "react-router-dom";

import type { Provenance } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { ProblemView } from "@/parts/problem-view";
import { When } from "@/parts/when";

import { lessonsQuery } from "./queries";

/** What earlier videos taught the channel. */
export function LessonsPanel({ channel, provenance }: { channel: string; provenance: Provenance }) {
  const read = useInfiniteQuery(lessonsQuery(channel, provenance));
  const lessons = read.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel title="What has it learned?">
      {read.isError ? <ProblemView error={read.error} onRetry={() => void read.refetch()} /> : null}
      {read.isPending ? <LoadingView rows={4} height={44} /> : null}
      {read.isSuccess && lessons.length === 0 ? <EmptyView icon="memory" title="No lesson yet">A week after a video the crisis monitor says what it taught.</EmptyView> : null}
      <Box component="ul" sx={{ margin: 0, padding: 0, listStyle: "none", display: "grid", gap: 3, fontSize: 13 }}>
        {lessons.map((one) => (
          <Box component="li" key={one.id}>
            {one.text}
            <Box sx={{ fontSize: 12, color: "text.secondary" }}><When at={one.created_at} />{one.video === null ? null : <>, from <Link component={RouterLink} to={`/videos/${one.video}`}>its video</Link></>}</Box>
          </Box>
        ))}
      </Box>
      {read.hasNextPage ? <Button color="inherit" disabled={read.isFetchingNextPage} onClick={() => void read.fetchNextPage()} sx={{ marginTop: 3 }}>Show older ones</Button> : null}
    </Panel>
  );
}
