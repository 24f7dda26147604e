import Box from "@mui/material/Box";
import { type Theme, useTheme } from "@mui/material/styles";
import { Bar, BarChart, Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

import type { Tone } from "@/theme/tokens";

import { CHART_HEIGHT } from "./chart-size";

export interface Series {
  key: string;
  name: string;
  /** What it means; without one it has the next of the colours. */
  tone?: Tone;
}

interface Parts {
  /** What is heard instead of the picture. */
  label: string;
  data: readonly Record<string, string | number>[];
  series: readonly Series[];
  /** Bars stand on each other, one a row; lines go step by step from moment to moment. */
  as: "bars" | "steps";
  tick: (at: string) => string;
  value: (value: number) => string;
  whole?: boolean;
}

function colorsOf(theme: Theme, series: readonly Series[]): string[] {
  const { palette } = theme.vars ?? theme;
  const next = [palette.primary.main, palette.tone.waiting.ink, palette.tone.good.ink, palette.tone.running.ink, palette.text.secondary, palette.tone.trouble.ink];
  let at = 0;
  return series.map((one) => (one.tone === undefined ? (next[at++ % next.length] ?? palette.primary.main) : palette.tone[one.tone].ink));
}

/** Rows over time or one beside another, `at` names each. */
export default function SeriesChart({ label, data, series, as, tick, value, whole = false }: Parts) {
  const theme = useTheme();
  const { palette } = theme.vars ?? theme;
  const colors = colorsOf(theme, series);
  const axis = { stroke: palette.divider, tick: { fill: palette.text.secondary, fontSize: 11 }, tickLine: false } as const;
  const Chart = as === "bars" ? BarChart : LineChart;
  return (
    <Box role="img" aria-label={label} sx={{ height: CHART_HEIGHT }}>
      <ResponsiveContainer width="100%" height={CHART_HEIGHT} initialDimension={{ width: 600, height: CHART_HEIGHT }}>
        <Chart data={[...data]} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <XAxis dataKey="at" tickFormatter={tick} minTickGap={32} {...axis} />
          <YAxis width={52} {...axis} axisLine={false} allowDecimals={!whole} tickFormatter={value} />
          <Tooltip isAnimationActive={false} labelFormatter={(at) => (typeof at === "string" ? tick(at) : "")} formatter={(one) => value(Number(one))} cursor={{ fill: palette.action.hover, stroke: palette.divider }} contentStyle={{ background: palette.background.paper, border: `1px solid ${palette.divider}`, borderRadius: 8, fontSize: 12 }} />
          {series.length > 1 ? <Legend iconSize={9} wrapperStyle={{ fontSize: 12 }} /> : null}
          {series.map((one, at) =>
            as === "bars" ? (
              <Bar key={one.key} dataKey={one.key} name={one.name} stackId="a" fill={colors[at] ?? ""} isAnimationActive={false} maxBarSize={36} />
            ) : (
              <Line key={one.key} dataKey={one.key} name={one.name} type="stepAfter" stroke={colors[at] ?? ""} strokeWidth={2} dot={false} isAnimationActive={false} />
            ),
          )}
        </Chart>
      </ResponsiveContainer>
    </Box>
  );
}
