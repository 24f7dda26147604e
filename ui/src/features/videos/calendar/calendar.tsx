import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useSearchParams } from "react-router-dom";

import { usePoll } from "@/live/live-store";
import { HIDDEN } from "@/parts/hidden";
import { ProblemView } from "@/parts/problem-view";
import { useShortcuts } from "@/parts/shortcuts";
import { useNow } from "@/parts/use-now";
import { useSession } from "@/session/session-store";

import { calendarQuery, zoneQuery } from "../list-queries";
import { Month } from "./month";
import { sendAllHeld, undo, useMoves } from "./moves";
import { placedByDay } from "./placed";
import { useCarry } from "./use-carry";
import { Week } from "./week";
import { addDays, addMonths, localOf, momentOf, mondayOf, monthName, shortDay } from "./zoned";

const POLL_MS = 60_000;
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const DAY = /^\d{4}-\d\d-\d\d$/;
const SPANS = ["month", "week"] as const;

/** When each video was shown or is to be shown; those that wait for a decision can be moved. */
export default function Calendar({ channel }: { channel: string | null }) {
  const own = useQuery({ ...zoneQuery(channel ?? ""), enabled: channel !== null });
  const zone = own.data ?? HERE;
  const mayMove = useSession((session) => session.permissions.has("videos:edit"));
  const now = localOf(useNow(), zone);
  const [asked, setAsked] = useSearchParams();
  const day = DAY.test(asked.get("day") ?? "") && !Number.isNaN(Date.parse(asked.get("day") ?? "")) ? (asked.get("day") ?? now.day) : now.day;
  const span = SPANS.find((one) => one === asked.get("span")) ?? "month";
  const show = (parts: Record<string, string>) => { setAsked((before) => { const next = new URLSearchParams(before); for (const [name, value] of Object.entries(parts)) next.set(name, value); return next; }, { replace: true }); };
  const first = mondayOf(span === "week" ? day : `${day.slice(0, 7)}-01`);
  const count = span === "week" ? 7 : 42;
  const days = useMemo(() => Array.from({ length: count }, (_, at) => addDays(first, at)), [first, count]);
  const from = momentOf({ day: first, minutes: 0 }, zone);
  const to = momentOf({ day: addDays(first, count), minutes: 0 }, zone);
  const read = useQuery({ ...calendarQuery(channel, new Date(from).toISOString(), new Date(to).toISOString()), enabled: channel === null || !own.isPending, refetchInterval: usePoll(POLL_MS) });
  const held = useMoves((moves) => moves.held);
  const byDay = useMemo(() => placedByDay(read.data?.items ?? [], held, zone), [read.data, held, zone]);
  const carry = useCarry({ zone, hours: span === "week", days, mayMove });
  // While something is carried what it is carried over stays.
  const turn = (by: number) => { if (carry.carried === null) show({ day: span === "week" ? addDays(day, 7 * by) : addMonths(day, by) }); };
  useEffect(() => {
    window.addEventListener("pagehide", sendAllHeld);
    return () => { window.removeEventListener("pagehide", sendAllHeld); };
  }, []);
  useShortcuts("Calendar", [
    { keys: "j", does: "later", run: () => { turn(1); } },
    { keys: "k", does: "earlier", run: () => { turn(-1); } },
    { keys: "t", does: "today", run: () => { show({ day: now.day }); } },
    { keys: "m", does: "by month", run: () => { show({ span: "month" }); } },
    { keys: "w", does: "by week", run: () => { show({ span: "week" }); } },
    { keys: "u", does: "undo the last move", run: () => { undo(); } },
  ]);
  const title = span === "week" ? `${shortDay(first)} to ${shortDay(addDays(first, 6))}` : monthName(day);
  const grid = { days, byDay, today: now.day, carry, mayMove };
  return (
    <Box sx={{ flex: 1, minHeight: 0, display: "flex", flexDirection: "column", gap: 3 }}>
      <Box sx={{ display: "flex", alignItems: "center", gap: 2, flexWrap: "wrap" }}>
        <Button color="inherit" variant="outlined" aria-label="Earlier" onClick={() => { turn(-1); }} sx={{ minWidth: 36 }}>‹</Button>
        <Button color="inherit" variant="outlined" aria-label="Later" onClick={() => { turn(1); }} sx={{ minWidth: 36 }}>›</Button>
        <Button color="inherit" variant="outlined" onClick={() => { show({ day: now.day }); }}>Today</Button>
        <Typography variant="h2" aria-live="polite" sx={{ marginInlineStart: 2 }}>{title}</Typography>
        <Typography variant="body2" color="textSecondary" sx={{ flex: 1 }}>
          {channel === null || own.data === undefined ? `Times in ${zone}, where you are; a chosen channel has its own.` : `Times in ${zone}, the zone of ${channel}.`} <Standing loading={read.isPending} none={byDay.size === 0} cut={read.data?.cut === true} />
        </Typography>
        <ToggleButtonGroup size="small" exclusive value={span} aria-label="Span" onChange={(_, value: string | null) => { if (value !== null) show({ span: value }); }}>
          <ToggleButton value="month">Month</ToggleButton>
          <ToggleButton value="week">Week</ToggleButton>
        </ToggleButtonGroup>
      </Box>
      {read.isError ? <ProblemView error={read.error} onRetry={() => void read.refetch()} /> : null}
      {own.isError ? <ProblemView error={own.error} onRetry={() => void own.refetch()} /> : null}
      <Paper aria-busy={read.isPending} sx={{ flex: 1, minHeight: 0, display: "flex", flexDirection: "column", overflow: span === "week" ? "hidden" : "auto", opacity: read.isError ? 0.6 : 1 }}>
        {span === "week" ? <Week {...grid} now={now.minutes} /> : <Month {...grid} month={day.slice(0, 7)} onWeek={(one) => { show({ span: "week", day: one }); }} />}
      </Paper>
      <span id="how-to-move" hidden>Space picks it up, arrows move it, space drops it, escape puts it back.</span>
      <div role="status" style={HIDDEN}>{carry.said}</div>
    </Box>
  );
}

/** What there is to say about what was read, always in the same place. */
function Standing({ loading, none, cut }: { loading: boolean; none: boolean; cut: boolean }) {
  if (loading) return <span>Reading…</span>;
  if (cut) return <span>There are more than 2,000: choose a channel or a week.</span>;
  return <span>{none ? "Nothing was or is to be shown then." : "Drag what waits for you to another time, or press space on it."}</span>;
}
