import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import { Legend, ReferenceLine, ResponsiveContainer, Scatter, ScatterChart, Tooltip, XAxis, YAxis } from "recharts";

import type { Tone } from "@/theme/tokens";

import { CHART_HEIGHT } from "./chart-size";

export interface Dot {
  x: number;
  y: number;
  name: string;
}

interface Axis {
  name: string;
  value: (value: number) => string;
  scale?: "linear" | "log" | "time";
}

interface Parts {
  label: string;
  groups: readonly { name: string; tone: Tone; dots: readonly Dot[] }[];
  x: Axis;
  y: Axis;
  /** Where both axes are the same the line says so. */
  same?: boolean;
}

/** The least and the greatest of all dots on both axes, for the line on which both are the same. */
function span(groups: Parts["groups"]): [number, number] {
  const all = groups.flatMap((one) => one.dots.flatMap((dot) => [dot.x, dot.y]));
  return [Math.min(0, ...all), Math.max(0, ...all)];
}

/** Single things by two of their figures. */
export default function DotsChart({ label, groups, x, y, same = false }: Parts) {
  const theme = useTheme();
  const { palette } = theme.vars ?? theme;
  const axis = { type: "number", stroke: palette.divider, tick: { fill: palette.text.secondary, fontSize: 11 }, tickLine: false } as const;
  const [least, most] = span(groups);
  const domain: [number | string, number | string] = same ? [least, most] : ["dataMin", "dataMax"];
  return (
    <Box role="img" aria-label={label} sx={{ height: CHART_HEIGHT }}>
      <ResponsiveContainer width="100%" height={CHART_HEIGHT} initialDimension={{ width: 600, height: CHART_HEIGHT }}>
        <ScatterChart margin={{ top: 8, right: 16, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <XAxis dataKey="x" name={x.name} domain={domain} scale={x.scale ?? "linear"} tickFormatter={x.value} minTickGap={40} {...axis} />
          <YAxis dataKey="y" name={y.name} domain={domain} scale={y.scale ?? "linear"} tickFormatter={y.value} width={64} {...axis} axisLine={false} />
          <Tooltip isAnimationActive={false} formatter={(value, name) => (name === x.name ? x.value(Number(value)) : y.value(Number(value)))} contentStyle={{ background: palette.background.paper, border: `1px solid ${palette.divider}`, borderRadius: 8, fontSize: 12 }} />
          {groups.length > 1 ? <Legend iconSize={9} wrapperStyle={{ fontSize: 12 }} /> : null}
          {same ? <ReferenceLine segment={[{ x: least, y: least }, { x: most, y: most }]} stroke={palette.text.secondary} strokeDasharray="3 4" /> : null}
          {groups.map((one) => <Scatter key={one.name} name={one.name} data={[...one.dots]} fill={palette.tone[one.tone].ink} isAnimationActive={false} />)}
        </ScatterChart>
      </ResponsiveContainer>
    </Box>
  );
}
