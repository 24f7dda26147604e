import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

import { money } from "@/parts/words";

import type { DaySpent } from "./queries";

const HEIGHT = 210;

/** What each day cost: paid, and what may still be charged. */
export default function DaysChart({ days }: { days: readonly DaySpent[] }) {
  const theme = useTheme();
  const colors = (theme.vars ?? theme).palette;
  const axis = { stroke: colors.divider, tick: { fill: colors.text.secondary, fontSize: 11 }, tickLine: false } as const;
  const told = days.map((one) => `${one.day}: ${money(one.paid + one.open)}`).join("; ");
  return (
    <Box role="img" aria-label={`Spent a day: ${told}`} sx={{ height: HEIGHT }}>
      <ResponsiveContainer width="100%" height={HEIGHT} initialDimension={{ width: 900, height: HEIGHT }}>
        <BarChart data={[...days]} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <XAxis dataKey="day" tickFormatter={(day: string) => day.slice(5)} minTickGap={24} {...axis} />
          <YAxis width={56} {...axis} axisLine={false} tickFormatter={(usd: number) => money(usd)} domain={[0, (most: number) => Math.max(most, 0.05)]} />
          <Tooltip isAnimationActive={false} formatter={(usd) => money(Number(usd))} cursor={{ fill: colors.action.hover }} contentStyle={{ background: colors.background.paper, border: `1px solid ${colors.divider}`, borderRadius: 8, fontSize: 12 }} />
          <Bar dataKey="paid" name="paid" stackId="a" fill={colors.primary.main} isAnimationActive={false} maxBarSize={40} />
          <Bar dataKey="open" name="may still be charged" stackId="a" fill={colors.primary.main} fillOpacity={0.4} radius={[3, 3, 0, 0]} isAnimationActive={false} maxBarSize={40} />
        </BarChart>
      </ResponsiveContainer>
    </Box>
  );
}
