import Box from "@mui/material/Box";
import { Link } from "react-router-dom";

import type { RunView } from "@/api/schema";
import { StateChip } from "@/parts/state-chip";
import { useNow } from "@/parts/use-now";
import { When } from "@/parts/when";
import { WIDE_ONLY } from "@/parts/wide-only";
import { duration } from "@/parts/words";

import { toneOfState } from "./words";

export const ROW = 52;

/** One production in a list. */
export function RunRow({ one }: { one: RunView }) {
  const now = useNow();
  const end = one.finished_at === null ? now : new Date(one.finished_at).getTime();
  const why = one.stop_reason !== null && one.finished_at === null ? `to end: ${one.stop_reason}` : (one.paused !== null ? `paused: ${one.paused.reason}` : (one.reasons[0] ?? one.error ?? ""));
  return (
    <Box component={Link} to={`/runs/${one.id}`} sx={{ display: "grid", gridTemplateColumns: { xs: "104px minmax(0, 1fr) 84px", md: "104px minmax(0, 1fr) 120px 104px 104px" }, alignItems: "center", gap: 4, height: ROW, paddingInline: 4, color: "inherit", textDecoration: "none", borderBottom: 1, borderColor: "divider", "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 } }}>
      <Box><StateChip state={one.status} tone={toneOfState(one.status)} /></Box>
      <Box sx={{ minWidth: 0 }}>
        <Box sx={{ fontSize: 14, fontWeight: 540, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{one.title || one.topic || "a topic is being chosen"}</Box>
        <Box title={why} sx={{ fontSize: 12, color: "text.secondary", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{[one.autonomous_run === null ? "asked for" : "by an autonomous run", why].filter(Boolean).join("; ")}</Box>
      </Box>
      <Box sx={{ ...WIDE_ONLY, fontSize: 13, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{one.channel}</Box>
      <Box sx={{ ...WIDE_ONLY, fontSize: 12, color: "text.secondary", textAlign: "end" }}>{duration((end - new Date(one.created_at).getTime()) / 1000)}</Box>
      <Box sx={{ fontSize: 12, color: "text.secondary", textAlign: "end" }}><When at={one.created_at} /></Box>
    </Box>
  );
}
