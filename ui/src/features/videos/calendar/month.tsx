import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useEffect, useRef } from "react";

import { Card, CARD_PX, Landing } from "./card";
import type { Placed } from "./placed";
import type { Carry } from "./use-carry";
import { dayName, weekdayName } from "./zoned";

const MOST = 3;
const NONE: readonly Placed[] = [];

export interface GridParts {
  days: readonly string[];
  byDay: ReadonlyMap<string, readonly Placed[]>;
  today: string;
  carry: Carry;
  mayMove: boolean;
  onWeek: (day: string) => void;
}

/** Six weeks, so that no month is taller than another; `month` is how its days begin. */
export function Month({ days, byDay, today, carry, mayMove, onWeek, month }: GridParts & { month: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { box.current?.querySelector(`[data-day="${today}"]`)?.scrollIntoView({ block: "center" }); }, [today, month]);
  return (
    <Box ref={box} sx={{ display: "grid", gridTemplateColumns: "repeat(7, minmax(0, 1fr))", gridAutoRows: `minmax(${String(34 + MOST * (CARD_PX + 2) + 22)}px, 1fr)`, gridTemplateRows: "28px", flex: 1 }}>
      {days.slice(0, 7).map((day) => <Box key={day} aria-hidden sx={{ fontSize: 12, fontWeight: 560, color: "text.secondary", paddingInline: 2, lineHeight: "28px", position: "sticky", insetBlockStart: 0, zIndex: 1, backgroundColor: "background.paper" }}>{weekdayName(day)}</Box>)}
      {days.map((day) => {
        const placed = byDay.get(day) ?? NONE;
        const over = placed.length - MOST;
        return (
          <Box
            key={day} component="section" aria-label={dayName(day)} data-day={day}
            sx={{ borderTop: 1, borderLeft: 1, borderColor: "divider", padding: 1, display: "grid", gap: "2px", alignContent: "start", minWidth: 0, backgroundColor: carry.carried?.to.day === day ? "action.hover" : "transparent" }}
          >
            <Box data-figures sx={{ fontSize: 12, height: 22, paddingInline: 1, fontWeight: day === today ? 700 : 450, color: day === today ? "primary.main" : "text.secondary", textDecoration: day === today ? "underline" : "none", fontStyle: day.startsWith(month) ? "normal" : "italic" }}>
              {Number(day.slice(8))}{day === today ? " today" : ""}
            </Box>
            {placed.slice(0, MOST).map((one) => <Card key={one.video.id} placed={one} carry={carry} mayMove={mayMove} />)}
            {carry.carried !== null && carry.carried.from.day !== day ? <Landing carry={carry} day={day} /> : null}
            {over > 0 ? <Button size="small" color="inherit" aria-label={`${String(over)} more on ${dayName(day)}: show its week`} onClick={() => { onWeek(day); }} sx={{ minHeight: 20, padding: 0, fontSize: 12, color: "text.secondary", justifySelf: "start", paddingInline: 1, minWidth: 0 }}>{over} more</Button> : null}
          </Box>
        );
      })}
    </Box>
  );
}
