import Box from "@mui/material/Box";
import { useEffect, useRef } from "react";

import { Card, CARD_PX, Landing } from "./card";
import type { GridParts } from "./month";
import { laned } from "./placed";
import { clock, dayName, shortDay } from "./zoned";

const HOUR_PX = CARD_PX;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const CARD_MIN = 60;
const MORNING = 7;

/** Seven days by the hour. */
export function Week({ days, byDay, today, now, carry, mayMove }: Omit<GridParts, "onWeek"> & { now: number }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { if (box.current !== null) box.current.scrollTop = MORNING * HOUR_PX; }, []);
  const top = (minutes: number) => (minutes / 60) * HOUR_PX;
  return (
    <Box ref={box} tabIndex={0} role="group" aria-label="Week by the hour" sx={{ flex: 1, minHeight: 0, overflow: "auto" }}>
      <Box sx={{ display: "grid", gridTemplateColumns: "52px repeat(7, minmax(0, 1fr))", position: "sticky", insetBlockStart: 0, zIndex: 3, backgroundColor: "background.paper", borderBottom: 1, borderColor: "divider", height: 28 }} aria-hidden>
        <span />
        {days.map((day) => <Box key={day} data-figures sx={{ fontSize: 12, fontWeight: day === today ? 700 : 560, color: day === today ? "primary.main" : "text.secondary", paddingInline: 2, lineHeight: "28px" }}>{shortDay(day)}{day === today ? " today" : ""}</Box>)}
      </Box>
      <Box sx={{ display: "grid", gridTemplateColumns: "52px repeat(7, minmax(0, 1fr))", height: 24 * HOUR_PX, position: "relative" }}>
        <Box aria-hidden data-figures sx={{ position: "relative", fontSize: 12, color: "text.secondary" }}>
          {HOURS.slice(1).map((hour) => <Box key={hour} sx={{ position: "absolute", insetInlineEnd: 8 }} style={{ top: top(hour * 60) - 9 }}>{clock(hour * 60)}</Box>)}
        </Box>
        {days.map((day) => (
          <Box
            key={day} component="section" aria-label={dayName(day)} data-day={day}
            sx={{ position: "relative", borderLeft: 1, borderColor: "divider", minWidth: 0, backgroundImage: "linear-gradient(var(--mui-palette-divider) 1px, transparent 1px)", backgroundSize: `100% ${String(HOUR_PX)}px` }}
          >
            {day === today ? <Box aria-hidden sx={{ position: "absolute", insetInline: 0, borderTop: 2, borderColor: "primary.main", zIndex: 1, pointerEvents: "none" }} style={{ top: top(now) }} /> : null}
            {laned(byDay.get(day) ?? [], CARD_MIN).map((one) => (
              <Box key={one.video.id} sx={{ position: "absolute", padding: "1px" }} style={{ top: Math.min(top(one.local.minutes), 23 * HOUR_PX), left: `${String((one.lane / one.lanes) * 100)}%`, width: `${String(100 / one.lanes)}%` }}>
                <Card placed={one} carry={carry} mayMove={mayMove} />
              </Box>
            ))}
            {carry.carried?.to.day === day ? <Box sx={{ position: "absolute", insetInline: 0, zIndex: 2, pointerEvents: "none" }} style={{ top: top(carry.carried.to.minutes) }}><Landing carry={carry} day={day} /></Box> : null}
          </Box>
        ))}
      </Box>
    </Box>
  );
}
