import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

import { dayAndHour } from "@/parts/words";

import { NUMBER } from "./queries";

const HEIGHT = 220;

/** The views of each publication, the oldest first. */
export default function ViewsChart({ videos }: { videos: readonly { name: string; views: number; at: string }[] }) {
  const theme = useTheme();
  const colors = (theme.vars ?? theme).palette;
  const axis = { stroke: colors.divider, tick: { fill: colors.text.secondary, fontSize: 11 }, tickLine: false } as const;
  return (
    <Box role="img" aria-label={`Views of ${String(videos.length)} publications, the oldest first: ${videos.map((one) => NUMBER.format(one.views)).join(", ")}`} sx={{ height: HEIGHT }}>
      <ResponsiveContainer width="100%" height={HEIGHT} initialDimension={{ width: 900, height: HEIGHT }}>
        <BarChart data={[...videos]} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <XAxis dataKey="at" tickFormatter={(at: string) => dayAndHour(at)} minTickGap={48} {...axis} />
          <YAxis width={52} {...axis} axisLine={false} allowDecimals={false} tickFormatter={(views: number) => new Intl.NumberFormat("en", { notation: "compact" }).format(views)} />
          <Tooltip isAnimationActive={false} labelFormatter={(at) => (typeof at === "string" ? dayAndHour(at) : "")} formatter={(views) => NUMBER.format(Number(views))} cursor={{ fill: colors.action.hover }} contentStyle={{ background: colors.background.paper, border: `1px solid ${colors.divider}`, borderRadius: 8, fontSize: 12 }} />
          <Bar dataKey="views" name="views" fill={colors.primary.main} radius={[3, 3, 0, 0]} isAnimationActive={false} maxBarSize={36} />
        </BarChart>
      </ResponsiveContainer>
    </Box>
  );
}
