import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { Link } from "react-router-dom";

import { Icon } from "@/parts/icon";

import { titleOf } from "../columns";
import { lookOf } from "./look";
import { forgetRefusal, useMoves } from "./moves";
import type { Placed } from "./placed";
import type { Carry } from "./use-carry";
import { clock, shortDay } from "./zoned";

export const CARD_PX = 40;
/** What waits for a decision, or for its time. */
const MOVABLE = new Set(["waiting_for_video", "scheduled"]);

interface Parts {
  placed: Placed;
  carry: Carry;
  mayMove: boolean;
}

/** A video on its time: opens it, and can be carried to another. Why it could not be moved is told where it is. */
export function Card({ placed, carry, mayMove }: Parts) {
  const { video, local, pending } = placed;
  const refusal = useMoves((moves) => moves.refused.get(video.id));
  const look = lookOf(video.status);
  const isCarried = carry.carried?.video.id === video.id;
  const word = pending ? "moving" : look.word;
  return (
    <Tooltip
      describeChild open={refusal !== undefined} arrow placement="bottom-start" disableHoverListener disableFocusListener disableTouchListener
      title={<Box role="alert" sx={{ display: "grid", gap: 1, justifyItems: "start" }}>{refusal}<Button size="small" color="inherit" variant="outlined" onClick={() => { forgetRefusal(video.id); }} sx={{ minHeight: 24, paddingBlock: 0 }}>Got it</Button></Box>}
      slotProps={{ tooltip: { sx: { maxWidth: 280, pointerEvents: "auto" } } }}
    >
      <Box
        component={Link} to={`/videos/${video.id}`} draggable={false} data-video={video.id}
        aria-label={`${clock(local.minutes)} ${word} ${titleOf(video)}, ${shortDay(local.day)}, ${video.channel}`} aria-describedby={mayMove ? "how-to-move" : undefined}
        onKeyDown={(event) => { carry.onKeyDown(event, placed); }} onPointerDown={(event) => { carry.pointer.onPointerDown(event, placed); }}
        onPointerMove={carry.pointer.onPointerMove} onPointerUp={carry.pointer.onPointerUp} onPointerCancel={carry.pointer.onPointerCancel} onClick={carry.pointer.onClick}
        sx={(theme) => ({
          display: "grid", alignContent: "center", height: CARD_PX - 2, paddingInline: 2, borderRadius: "6px", overflow: "hidden", fontSize: 12, lineHeight: 1.3, textDecoration: "none", userSelect: "none",
          border: `${look.line === "double" ? "3px double" : `1px ${look.line}`}`, borderColor: (theme.vars ?? theme).palette.tone[look.tone].ink,
          color: "text.primary", backgroundColor: look.line === "solid" ? (theme.vars ?? theme).palette.tone[look.tone].wash : "background.paper",
          opacity: isCarried ? 0.45 : 1, cursor: mayMove && MOVABLE.has(video.status) ? "grab" : "pointer", "& > *": { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
        })}
      >
        <Box sx={(theme) => ({ display: "flex", alignItems: "center", gap: 1, color: (theme.vars ?? theme).palette.tone[look.tone].ink, fontWeight: 560 })} data-figures>
          <Icon name={pending ? "clock" : look.icon} sx={{ fontSize: 13, flexShrink: 0 }} />{clock(local.minutes)} <Box component="span" sx={{ overflow: "hidden", textOverflow: "ellipsis" }}>{word}</Box>
        </Box>{" "}
        <span>{titleOf(video)}</span>
      </Box>
    </Tooltip>
  );
}

/** Where what is carried would come down. */
export function Landing({ carry, day }: { carry: Carry; day: string }) {
  const { carried } = carry;
  if (carried?.to.day !== day) return null;
  return (
    <Box aria-hidden data-landing sx={{ height: CARD_PX - 2, display: "flex", alignItems: "center", paddingInline: 2, border: 2, borderStyle: "solid", borderColor: "primary.main", borderRadius: "6px", fontSize: 12, fontWeight: 560, color: "primary.main", backgroundColor: "background.paper", pointerEvents: "none", whiteSpace: "nowrap", overflow: "hidden" }}>
      {clock(carried.to.minutes)} {titleOf(carried.video)}
    </Box>
  );
}
