import Box from "@mui/material/Box";

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const FINE = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAYS = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

/** Round moments, at most about as many as asked for, in the viewer's own zone. */
export function ticksOf(from: number, to: number, most: number): { at: number; label: string }[] {
  const step = (STEPS_S.find((one) => (to - from) / (one * 1000) <= most) ?? 604_800) * 1000;
  const shift = new Date(from).getTimezoneOffset() * MINUTE_MS;
  const first = Math.ceil((from - shift) / step) * step + shift;
  const write = step < MINUTE_MS ? FINE : to - from > DAY_MS ? DAYS : CLOCK;
  const found: { at: number; label: string }[] = [];
  for (let at = first; at <= to; at += step) found.push({ at, label: write.format(at) });
  return found;
}

export function Axis({ from, to, ticks }: { from: number; to: number; ticks: number }) {
  return (
    <Box aria-hidden sx={{ position: "sticky", insetBlockStart: 0, zIndex: 3, height: 28, overflow: "hidden", backgroundColor: "background.paper" }}>
      {ticksOf(from, to, ticks).map((tick) => (
        <Box key={tick.at} sx={{ position: "absolute", insetBlock: 0, borderLeft: 1, borderColor: "divider", paddingInlineStart: 1, fontSize: 11, lineHeight: "28px", color: "text.secondary", whiteSpace: "nowrap" }} style={{ left: `${String(((tick.at - from) / (to - from)) * 100)}%` }}>
          {tick.label}
        </Box>
      ))}
    </Box>
  );
}
