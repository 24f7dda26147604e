import Box from "@mui/material/Box";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { Link } from "react-router-dom";

import type { ApprovalView } from "@/api/schema";
import { Icon } from "@/parts/icon";
import { When } from "@/parts/when";

import { useDecisions } from "./decisions";

interface Parts {
  items: readonly ApprovalView[];
  selected: string | undefined;
  onNearEnd: () => void;
}

const ROW = 60;
const AHEAD = 20;

/** What waits, drawn only as far as it is seen: a thousand cost what ten do. */
export function QueueList({ items, selected, onNearEnd }: Parts) {
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- it measures by itself, and nothing here is memoised on it
  const rows = useVirtualizer({ count: items.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 8, initialRect: { width: 320, height: 800 } });
  const at = items.findIndex((one) => one.id === selected);
  const last = rows.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: "auto" });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when another is chosen
  }, [selected]);
  useEffect(() => {
    if (last >= items.length - AHEAD) onNearEnd();
  }, [last, items.length, onNearEnd]);
  return (
    <Box ref={box} role="list" aria-label="What waits for you" sx={{ flex: 1, minHeight: 0, overflow: "auto" }}>
      <Box sx={{ height: rows.getTotalSize(), position: "relative" }}>
        {rows.getVirtualItems().map((row) => {
          const one = items[row.index];
          return one === undefined ? null : (
            <Box key={one.id} role="listitem" aria-setsize={items.length} aria-posinset={row.index + 1} sx={{ position: "absolute", insetInline: 0, height: ROW, transform: `translateY(${String(row.start)}px)` }}>
              <Entry one={one} selected={one.id === selected} />
            </Box>
          );
        })}
      </Box>
    </Box>
  );
}

function Entry({ one, selected }: { one: ApprovalView; selected: boolean }) {
  const held = useDecisions((state) => state.held.has(one.id) || state.sending.has(one.id));
  const refused = useDecisions((state) => state.refused.has(one.id));
  return (
    <Box
      component={Link} to={`/approvals/${one.id}`} aria-current={selected ? "true" : undefined} replace
      sx={{
        display: "flex", flexDirection: "column", justifyContent: "center", height: ROW, paddingInline: 4, gap: "2px", color: "inherit", textDecoration: "none", borderBottom: 1, borderColor: "divider",
        opacity: held ? 0.5 : 1, boxShadow: selected ? "inset 3px 0 0 var(--mui-palette-primary-main)" : "none", backgroundColor: selected ? "action.selected" : "transparent",
        "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 },
      }}
    >
      <Box sx={{ display: "flex", alignItems: "center", gap: 2 }}>
        <Box sx={{ flex: 1, minWidth: 0, fontSize: 14, fontWeight: 560, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{one.title || one.topic}</Box>
        {refused ? <Icon name="alarm" titleAccess="not decided" sx={{ fontSize: 15, color: "tone.trouble.ink" }} /> : null}
      </Box>
      <Box sx={{ display: "flex", gap: 2, fontSize: 12, color: "text.secondary" }}>
        <span>{one.channel}</span>
        <span aria-hidden>·</span>
        <span>{held ? "being decided" : one.gate}</span>
        {one.voices > 0 ? <span>· {one.voices} said</span> : null}
        <Box component="span" sx={{ marginInlineStart: "auto" }}><When at={one.created_at} /></Box>
      </Box>
    </Box>
  );
}
