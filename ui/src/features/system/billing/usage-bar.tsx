import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";

const NEAR = 0.9;
const WHOLE = 100;

function shown(number: number): string {
  return new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 }).format(number);
}

/** How much of a limit is used: as a bar, and in words. */
export function UsageBar({ name, used, limit }: { name: string; used: number; limit: number | null }) {
  const share = limit === null ? 0 : limit === 0 ? 1 : Math.min(1, used / limit);
  const words = limit === null ? `${shown(used)}, no limit` : `${shown(used)} of ${shown(limit)}${used >= limit ? ", no more" : ""}`;
  return (
    <Box sx={{ display: "grid", gap: 1, fontSize: 13 }}>
      <Box sx={{ display: "flex", justifyContent: "space-between", fontVariantNumeric: "tabular-nums" }}><span>{name}</span><span>{words}</span></Box>
      {limit === null ? null : <LinearProgress variant="determinate" value={share * WHOLE} color={share >= NEAR ? "warning" : "primary"} aria-label={`${name}: ${words}`} sx={{ height: 6, borderRadius: 3 }} />}
    </Box>
  );
}
