import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { ProblemView } from "@/parts/problem-view";

import { type Sort, videosQuery, type Wanted } from "./list-queries";
import { VideoTable } from "./video-table";

const POLL_MS = 60_000;

interface Parts {
  wanted: Wanted;
  hidden: ReadonlySet<string>;
  onSort: (sort: Sort) => void;
  onClear: () => void;
}

/** Videos as a table that holds thousands; while another order is read, the one before stays, dimmed. */
export function VideoList({ wanted, hidden, onSort, onClear }: Parts) {
  const videos = useInfiniteQuery({ ...videosQuery(wanted), refetchInterval: usePoll(POLL_MS), placeholderData: (before) => before });
  const items = useMemo(() => (videos.data?.pages ?? []).flatMap((page) => page.items), [videos.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = videos;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const filtered = wanted.status !== null || wanted.search !== "";
  if (videos.isPending) return <LoadingView rows={8} />;
  if (videos.isError && items.length === 0) return <ProblemView error={videos.error} onRetry={() => void videos.refetch()} />;
  if (items.length === 0 && filtered) return <EmptyView icon="search" title="No video is like that" action={<Button variant="outlined" onClick={onClear}>Show all</Button>}>Nothing here has this status and these words in its title.</EmptyView>;
  if (items.length === 0) return <EmptyView icon="film" title="No video yet">Press Ctrl-K and type a topic: the agents make a video about it.</EmptyView>;
  return (
    <Box aria-busy={videos.isPlaceholderData} sx={{ minHeight: 0, display: "flex", flexDirection: "column", flex: 1, opacity: videos.isPlaceholderData ? 0.6 : 1 }}>
      <VideoTable items={items} hidden={hidden} sort={wanted.sort} onSort={onSort} onNearEnd={more} />
    </Box>
  );
}
