import Box from "@mui/material/Box";

import type { TrendView } from "@/api/schema";

const WIDTH = 132;
const HEIGHT = 36;
const INSET = 2;

interface Drawn {
  known: string;
  expected: string;
  band: string;
}

/** The longest series of a topic and what is expected of it, as paths. */
function draw(topic: TrendView): Drawn | null {
  const series = topic.series.find((one) => one.name === topic.forecast?.series) ?? topic.series.toSorted((one, other) => other.points.length - one.points.length)[0];
  const known = (series?.points ?? []).map((one) => ({ at: Date.parse(one.at), value: one.value }));
  const ahead = (topic.forecast?.points ?? []).map((one) => ({ at: Date.parse(one.at), value: one.value, low: one.low, high: one.high }));
  if (known.length < 2) return null;
  const times = [...known, ...ahead].map((one) => one.at);
  const values = [...known.map((one) => one.value), ...ahead.flatMap((one) => [one.low, one.high])];
  const [from, to, least, most] = [Math.min(...times), Math.max(...times), Math.min(...values, 0), Math.max(...values)];
  const x = (at: number) => ((at - from) / Math.max(to - from, 1)) * WIDTH;
  const y = (value: number) => HEIGHT - INSET - ((value - least) / Math.max(most - least, 1e-9)) * (HEIGHT - 2 * INSET);
  const line = (points: readonly { at: number; value: number }[]) => points.map((one, at) => `${at === 0 ? "M" : "L"}${x(one.at).toFixed(1)} ${y(one.value).toFixed(1)}`).join("");
  const last = known.at(-1);
  const upper = ahead.map((one) => ({ at: one.at, value: one.high }));
  const lower = ahead.map((one) => ({ at: one.at, value: one.low })).reverse();
  return { known: line(known), expected: last === undefined || ahead.length === 0 ? "" : line([last, ...ahead]), band: ahead.length === 0 ? "" : `${line([...upper, ...lower])}Z` };
}

/** What was measured, and the band of the next 48 hours behind what is expected. */
export function Sparkline({ topic }: { topic: TrendView }) {
  const drawn = draw(topic);
  if (drawn === null) return <Box sx={{ width: WIDTH, height: HEIGHT, fontSize: 11, color: "text.secondary", display: "grid", placeItems: "center" }}>not measured</Box>;
  return (
    <Box component="svg" aria-hidden viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} sx={{ width: WIDTH, height: HEIGHT, flexShrink: 0, overflow: "visible", color: "primary.main" }}>
      <path d={drawn.band} fill="currentColor" opacity={0.16} />
      <path d={drawn.known} fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinejoin="round" />
      <path d={drawn.expected} fill="none" stroke="currentColor" strokeWidth={1.5} strokeDasharray="3 2.500" />
    </Box>
  );
}
