import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import { Link as RouterLink } from "react-router-dom";

import type { Costs, CostRowView } from "@/api/schema";
import { count, money, plain } from "@/parts/words";

const PLACES: Partial<Record<Costs["by"], string>> = { video: "/videos", run: "/runs", channel: "/channels" };
const MOST = 12;

/** The dearest of what money went to, each as a share of the dearest. */
export function Shares({ by, rows }: { by: Costs["by"]; rows: readonly CostRowView[] }) {
  const most = Math.max(...rows.map((one) => one.booked_usd), 1e-9);
  const rest = rows.slice(MOST);
  return (
    <Box component="ol" sx={{ margin: 0, padding: 0, listStyle: "none", display: "grid", gap: 3, fontSize: 13 }}>
      {rows.slice(0, MOST).map((one) => (
        <Box component="li" key={one.key ?? "none"} sx={{ display: "grid", gap: 1 }}>
          <Box sx={{ display: "flex", gap: 2 }}>
            <Box component="span" sx={{ flex: 1, minWidth: 0, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}><Name by={by} name={one.key} /></Box>
            <Box component="span" sx={{ color: "text.secondary" }}>{count(one.calls, "call")}{one.failed_calls > 0 ? `, ${String(one.failed_calls)} failed` : ""}{one.unknown_calls > 0 ? `, ${String(one.unknown_calls)} lost` : ""}</Box>
            <Box component="span" sx={{ minWidth: 64, textAlign: "end", fontWeight: 600 }}>{money(one.booked_usd)}</Box>
          </Box>
          <Box aria-hidden sx={{ height: 6, borderRadius: 1, backgroundColor: "action.selected" }}><Box sx={{ height: "100%", borderRadius: 1, backgroundColor: "primary.main" }} style={{ width: `${String((one.booked_usd / most) * 100)}%` }} /></Box>
        </Box>
      ))}
      {rest.length > 0 ? <Box component="li" sx={{ color: "text.secondary" }}>and {count(rest.length, "other")}, {money(rest.reduce((sum, one) => sum + one.booked_usd, 0))} together</Box> : null}
    </Box>
  );
}

function Name({ by, name }: { by: Costs["by"]; name: string | null }) {
  if (name === null) return <>of none</>;
  const place = PLACES[by];
  return place === undefined ? <>{plain(name)}</> : <Link component={RouterLink} to={`${place}/${name}`}>{name}</Link>;
}
