import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { usePoll } from "@/live/live-store";
import { HIDDEN } from "@/parts/hidden";
import { ProblemView } from "@/parts/problem-view";
import { useShortcuts } from "@/parts/shortcuts";
import { useNow } from "@/parts/use-now";
import { useSession } from "@/session/session-store";

import { calendarQuery, type Shown } from "../list-queries";
import { Head } from "./head";
import { Month } from "./month";
import { sendAllHeld, undo, useMoves } from "./moves";
import { placedByDay } from "./placed";
import { useCarry } from "./use-carry";
import { useSpan } from "./use-span";
import { useZone } from "./use-zone";
import { Week } from "./week";
import { localOf } from "./zoned";

const POLL_MS = 60_000;
const NONE: Shown["items"] = [];

/** What there is to say about what was read. */
function noteOf(read: Shown | undefined, mayMove: boolean): string {
  if (read === undefined) return "Reading…";
  if (read.cut) return "There are more than 2,000: choose a channel or a week.";
  if (read.items.length === 0) return "Nothing was or is to be shown then.";
  return mayMove ? "Drag what waits, or press space on it, to move it." : "Whoever may edit videos can move them here.";
}

/** When each video was shown or is to be shown; those that wait for a decision can be moved. */
export default function Calendar({ channel }: { channel: string | null }) {
  const { zone, words, known, error, retry } = useZone(channel);
  const mayMove = useSession((session) => session.permissions.has("videos:edit"));
  const now = localOf(useNow(), zone);
  const { span, days, month, title, from, to, show, turn } = useSpan(now.day, zone);
  const read = useQuery({ ...calendarQuery(channel, from, to), enabled: known, refetchInterval: usePoll(POLL_MS) });
  const held = useMoves((moves) => moves.held);
  const items = read.data?.items ?? NONE;
  const byDay = useMemo(() => placedByDay(items, held, zone), [items, held, zone]);
  const carry = useCarry({ zone, hours: span === "week", days, mayMove });
  const isCarrying = carry.carried !== null;
  useEffect(() => {
    window.addEventListener("pagehide", sendAllHeld);
    return () => { window.removeEventListener("pagehide", sendAllHeld); };
  }, []);
  // What something is carried over stays while it is carried.
  const turnTo = (by: number) => { if (!isCarrying) turn(by); };
  const showIt = (parts: Record<string, string>) => { if (!isCarrying) show(parts); };
  useShortcuts("Calendar", [
    { keys: "j", does: "later", run: () => { turnTo(1); } },
    { keys: "k", does: "earlier", run: () => { turnTo(-1); } },
    { keys: "t", does: "today", run: () => { showIt({ day: now.day }); } },
    { keys: "m", does: "by month", run: () => { showIt({ span: "month" }); } },
    { keys: "w", does: "by week", run: () => { showIt({ span: "week" }); } },
    { keys: "u", does: "undo the last move", run: () => { undo(); } },
  ]);
  const grid = { days, byDay, today: now.day, carry, mayMove };
  return (
    <Box sx={{ flex: 1, minHeight: 0, display: "flex", flexDirection: "column", gap: 3 }}>
      <Head title={title} span={span} zone={words} note={noteOf(read.data, mayMove)} onTurn={turnTo} onToday={() => { showIt({ day: now.day }); }} onSpan={(one) => { showIt({ span: one }); }} />
      {read.isError ? <ProblemView error={read.error} onRetry={() => void read.refetch()} /> : null}
      {error === null ? null : <ProblemView error={error} onRetry={retry} />}
      <Paper aria-busy={read.isPending} {...(span === "week" ? {} : { tabIndex: 0, role: "group", "aria-label": "Month by the day" })} sx={{ flex: 1, minHeight: 0, display: "flex", flexDirection: "column", overflow: span === "week" ? "hidden" : "auto", opacity: read.isError ? 0.6 : 1 }}>
        {span === "week" ? <Week {...grid} now={now.minutes} /> : <Month {...grid} month={month} onWeek={(one) => { show({ span: "week", day: one }); }} />}
      </Paper>
      <span id="how-to-move" hidden>Space picks it up, arrows move it, space drops it, escape puts it back.</span>
      <div role="status" style={HIDDEN}>{carry.said}</div>
    </Box>
  );
}
