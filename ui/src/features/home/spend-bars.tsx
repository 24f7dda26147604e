import Box from "@mui/material/Box";
import Tooltip from "@mui/material/Tooltip";

import { money } from "@/parts/words";

/** What was spent on each of the last days; the line is the limit of a day. */
export function SpendBars({ days, limit }: { days: readonly { day: string; usd: number }[]; limit: number | null }) {
  const most = Math.max(...days.map((one) => one.usd), limit ?? 0, 0.01);
  const told = days.map((one) => `${one.day}: ${money(one.usd)}`).join("; ");
  return (
    <Box role="img" aria-label={`Spent a day: ${told}`} sx={{ position: "relative", display: "flex", alignItems: "flex-end", gap: "3px", height: 72 }}>
      {days.map((one, at) => (
        <Tooltip key={one.day} title={<>{one.day}: {money(one.usd)}</>}>
          <Box sx={{ flex: 1, height: "100%", display: "flex", alignItems: "flex-end" }}>
            <Box sx={{ width: "100%", height: `${String(Math.max(2, (one.usd / most) * 100))}%`, minHeight: 2, borderRadius: "3px 3px 0 0", backgroundColor: at === days.length - 1 ? "primary.main" : "text.disabled" }} />
          </Box>
        </Tooltip>
      ))}
      {limit === null ? null : <Box aria-hidden sx={{ position: "absolute", insetInline: 0, insetBlockEnd: `${String((limit / most) * 100)}%`, borderTop: "1px dashed", borderColor: "error.main" }} />}
    </Box>
  );
}
