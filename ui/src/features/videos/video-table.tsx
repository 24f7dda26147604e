import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import { Link } from "react-router-dom";

import type { VideoRow } from "@/api/schema";
import { StateChip } from "@/parts/state-chip";
import { VirtualList } from "@/parts/virtual-list";
import { When } from "@/parts/when";
import { duration } from "@/parts/words";

const COLUMNS = "minmax(240px, 1fr) 140px 170px 90px 150px 110px";
const ROW = 44;
const idOf = (one: VideoRow) => one.id;

/** When a video matters next: when it was shown, is to be shown, or was begun. */
function Moment({ video }: { video: VideoRow }) {
  const at = video.published_at ?? video.publish_at;
  return at ? <When at={at} /> : <span>not yet</span>;
}

export function VideoTable({ items, onNearEnd }: { items: readonly VideoRow[]; onNearEnd: () => void }) {
  return (
    <Paper sx={{ flex: 1, minHeight: 0, display: "flex", flexDirection: "column", overflow: "hidden" }}>
      <Box aria-hidden sx={{ display: "grid", gridTemplateColumns: COLUMNS, gap: 4, paddingInline: 4, height: 36, alignItems: "center", fontSize: 12, fontWeight: 560, color: "text.secondary", borderBottom: 1, borderColor: "divider" }}>
        <span>Title</span><span>Channel</span><span>Status</span><span>Length</span><span>Shown</span><span>Begun</span>
      </Box>
      <VirtualList items={items} label="Videos" rowHeight={ROW} idOf={idOf} onNearEnd={onNearEnd}>
        {(one) => (
          <Box
            component={Link} to={`/videos/${one.id}`} data-figures
            sx={{ display: "grid", gridTemplateColumns: COLUMNS, gap: 4, paddingInline: 4, height: ROW, alignItems: "center", fontSize: 13, color: "inherit", textDecoration: "none", borderBottom: 1, borderColor: "divider", "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 }, "& > *": { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" } }}
          >
            <Box sx={{ fontWeight: 540 }}>{one.title || one.topic || "a topic is being found"}</Box>
            <span>{one.channel}</span>
            <span><StateChip state={one.status} /></span>
            <span>{duration(one.seconds)}</span>
            <Moment video={one} />
            <When at={one.created_at} />
          </Box>
        )}
      </VirtualList>
    </Paper>
  );
}
