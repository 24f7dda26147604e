import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import Select from "@mui/material/Select";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router-dom";

import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { ProblemView } from "@/parts/problem-view";
import { plain } from "@/parts/words";
import { useUi } from "@/session/ui-store";

import { Board } from "./board";
import { GROUPS, type Status, videosQuery } from "./queries";
import { VideoTable } from "./video-table";

const POLL_MS = 60_000;
const STATUSES = GROUPS.flatMap((group) => group.statuses);

/** Every video: as a table that holds thousands, or as a board of where each stands. */
export default function VideosPage() {
  const channel = useUi((ui) => ui.channel);
  const [asked, setAsked] = useSearchParams();
  const [shape, setShape] = useState<"table" | "board">("table");
  const status = STATUSES.find((one) => one === asked.get("status")) ?? null;
  const videos = useInfiniteQuery({ ...videosQuery(channel, shape === "board" ? null : status), refetchInterval: usePoll(POLL_MS) });
  const items = useMemo(() => (videos.data?.pages ?? []).flatMap((page) => page.items), [videos.data]);
  const more = () => {
    if (videos.hasNextPage && !videos.isFetchingNextPage) void videos.fetchNextPage();
  };
  const choose = (wanted: Status | "") => { setAsked(wanted === "" ? {} : { status: wanted }, { replace: true }); };
  return (
    <Page
      title="Videos" wide fill
      actions={
        <>
          {shape === "board" ? null : (
            <Select size="small" displayEmpty value={status ?? ""} onChange={(event) => { choose(event.target.value); }} slotProps={{ input: { "aria-label": "Status" } }} sx={{ height: 32, minWidth: 180, fontSize: 14 }}>
              <MenuItem value="">Every status</MenuItem>
              {STATUSES.map((one) => <MenuItem key={one} value={one}>{plain(one)}</MenuItem>)}
            </Select>
          )}
          <ToggleButtonGroup size="small" exclusive value={shape} aria-label="Shape" onChange={(_, value: "table" | "board" | null) => { if (value !== null) setShape(value); }}>
            <ToggleButton value="table">Table</ToggleButton>
            <ToggleButton value="board">Board</ToggleButton>
          </ToggleButtonGroup>
        </>
      }
    >
      {videos.isError && items.length === 0 ? <ProblemView error={videos.error} onRetry={() => void videos.refetch()} /> : null}
      {videos.isPending ? <LoadingView rows={8} /> : null}
      {videos.isSuccess && items.length === 0 ? <EmptyView icon="film" title="No video yet">Press Ctrl-K and type a topic: the agents make a video about it.</EmptyView> : null}
      {items.length === 0 ? null : <Box sx={{ minHeight: 0, display: "flex", flexDirection: "column", flex: 1 }}>{shape === "board" ? <Board items={items} /> : <VideoTable items={items} onNearEnd={more} />}</Box>}
    </Page>
  );
}
