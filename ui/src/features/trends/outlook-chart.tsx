import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import { Area, ComposedChart, Line, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

import type { TrendView } from "@/api/schema";
import { dayAndHour } from "@/parts/words";

interface Point {
  at: number;
  known?: number;
  expected?: number;
  band?: [number, number];
}

const HEIGHT = 220;

/** The measured series, then what is expected with its band, on one axis of time. */
function pointsOf(topic: TrendView): { points: Point[]; turn: number | null } {
  const series = topic.series.find((one) => one.name === topic.forecast?.series) ?? topic.series[0];
  const known: Point[] = (series?.points ?? []).map((one) => ({ at: Date.parse(one.at), known: one.value }));
  const ahead: Point[] = (topic.forecast?.points ?? []).map((one) => ({ at: Date.parse(one.at), expected: one.value, band: [one.low, one.high] }));
  const last = known.at(-1);
  if (last?.known !== undefined && ahead.length > 0) {
    last.expected = last.known;
    last.band = [last.known, last.known];
  }
  return { points: [...known, ...ahead], turn: ahead.length > 0 ? (last?.at ?? null) : null };
}

export default function OutlookChart({ topic }: { topic: TrendView }) {
  const theme = useTheme();
  const colors = (theme.vars ?? theme).palette;
  const { points, turn } = pointsOf(topic);
  const axis = { stroke: colors.divider, tick: { fill: colors.text.secondary, fontSize: 11 }, tickLine: false } as const;
  return (
    <Box aria-hidden sx={{ height: HEIGHT }}>
      <ResponsiveContainer width="100%" height={HEIGHT} initialDimension={{ width: 600, height: HEIGHT }}>
        <ComposedChart data={points} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <XAxis dataKey="at" type="number" scale="time" domain={["dataMin", "dataMax"]} tickFormatter={(at: number) => dayAndHour(at)} minTickGap={60} {...axis} />
          <YAxis width={44} {...axis} axisLine={false} tickFormatter={(value: number) => new Intl.NumberFormat("en", { notation: "compact" }).format(value)} />
          <Tooltip isAnimationActive={false} labelFormatter={(at) => dayAndHour(Number(at))} contentStyle={{ background: colors.background.paper, border: `1px solid ${colors.divider}`, borderRadius: 8, fontSize: 12 }} />
          <Area dataKey="band" name="band" stroke="none" fill={colors.primary.main} fillOpacity={0.16} isAnimationActive={false} />
          <Line dataKey="known" name="measured" stroke={colors.primary.main} strokeWidth={2} dot={false} isAnimationActive={false} />
          <Line dataKey="expected" name="expected" stroke={colors.primary.main} strokeWidth={2} strokeDasharray="5 4" dot={false} isAnimationActive={false} />
          {turn === null ? null : <ReferenceLine x={turn} stroke={colors.text.secondary} strokeDasharray="2 3" />}
        </ComposedChart>
      </ResponsiveContainer>
    </Box>
  );
}
