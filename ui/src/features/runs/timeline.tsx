import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Slider from "@mui/material/Slider";
import Tooltip from "@mui/material/Tooltip";
import { useEffect, useMemo, useState } from "react";

import { Icon } from "@/parts/icon";
import { Panel } from "@/parts/panel";
import { useShortcuts } from "@/parts/shortcuts";
import { absolute } from "@/parts/words";

import { Lanes, Legend } from "./lanes";
import { inOrder, type Lane, spanOf } from "./lanes-of";

const MOST_ZOOM = 32;
const STEPS = 200;

export interface TimelineParts {
  lanes: readonly Lane[];
  /** Moments that are in sight although nothing happened at them. */
  more?: readonly number[];
  picked: string | null;
  onPick: (id: string | null) => void;
  /** The moment that is looked at; null follows what comes. */
  cursor: number | null;
  onCursor: (at: number | null) => void;
  note?: string;
}

/** The lanes with what moves about in them: zoom, the moment that is looked at, and keys from one thing to the next. */
export function Timeline({ lanes, more = [], picked, onPick, cursor, onCursor, note }: TimelineParts) {
  const [zoom, setZoom] = useState(1);
  const span = spanOf(lanes, more);
  const order = useMemo(() => inOrder(lanes), [lanes]);
  const at = order.indexOf(picked ?? "");
  const step = (by: number) => { onPick(order[Math.min(order.length - 1, Math.max(0, at + by))] ?? null); };
  const zoomBy = (by: number) => { setZoom((one) => Math.min(MOST_ZOOM, Math.max(1, one * by))); };
  useEffect(() => {
    if (picked !== null) document.querySelector(`[data-bar="${CSS.escape(picked)}"]`)?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [picked, zoom]);
  useShortcuts("Timeline", [
    { keys: "j", does: "what came next", run: () => { step(1); } },
    { keys: "k", does: "what came before", run: () => { step(-1); } },
    { keys: "+", does: "look closer", run: () => { zoomBy(2); } },
    { keys: "-", does: "look from further away", run: () => { zoomBy(0.5); } },
    { keys: "0", does: "see all of it, up to now", run: () => { setZoom(1); onCursor(null); } },
  ]);
  const shown = cursor ?? span[1];
  return (
    <Panel
      title="Timeline" flush
      aside={
        <Box sx={{ display: "flex", alignItems: "center", gap: 1 }}>
          <Legend />
          <Tooltip title="Look from further away (-)"><span><IconButton size="small" aria-label="Look from further away" disabled={zoom <= 1} onClick={() => { zoomBy(0.5); }} sx={{ marginInlineStart: 3, fontSize: 18, width: 28, height: 28 }}>−</IconButton></span></Tooltip>
          <Tooltip title="Look closer (+)"><span><IconButton size="small" aria-label="Look closer" disabled={zoom >= MOST_ZOOM} onClick={() => { zoomBy(2); }}><Icon name="plus" sx={{ fontSize: 18 }} /></IconButton></span></Tooltip>
        </Box>
      }
    >
      <Lanes lanes={lanes} span={span} cursor={shown} zoom={zoom} picked={picked} onPick={onPick} />
      <Box sx={{ display: "grid", gridTemplateColumns: "120px minmax(0, 1fr)", alignItems: "center", columnGap: 3, borderTop: 1, borderColor: "divider", paddingInline: 3, paddingBlock: 1 }}>
        <Box component="span" sx={{ fontSize: 12, color: "text.secondary" }}>Look back to</Box>
        <Slider
          size="small" aria-label="Look back to" min={span[0]} max={span[1]} step={Math.max(1, (span[1] - span[0]) / STEPS)} value={shown}
          getAriaValueText={(value) => absolute(value)} onChange={(_, value) => { onCursor(value >= span[1] - (span[1] - span[0]) / STEPS ? null : value); }}
        />
        <Box component="span" sx={{ gridColumn: 2, fontSize: 12, color: "text.secondary", textAlign: "end" }}>{cursor === null ? (note ?? "all of it") : absolute(cursor)}</Box>
      </Box>
    </Panel>
  );
}
