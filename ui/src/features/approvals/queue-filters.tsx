import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";

import { useShortcuts } from "@/parts/shortcuts";

import { type Filters, nextOrder, ORDERS, showAll, type Sort, useFilters } from "./filters";

const RISKS = [["", "Any risk"], ["some", "With risks"], ["none", "No risk"]] as const;
const AGES = [["", "Any age"], ["3600", "Over 1 hour"], ["86400", "Over 1 day"], ["259200", "Over 3 days"]] as const;

/** Narrows what waits by kind, risk and age, and orders it. */
export function QueueFilters() {
  const { gate, risk, olderS, sort } = useFilters();
  useShortcuts("Approvals", [
    { keys: "o", does: "the next order", run: nextOrder },
    { keys: "f", does: "show all that waits", run: showAll },
  ]);
  return (
    <Box sx={{ display: "grid", gap: 2, padding: 3, borderBottom: 1, borderColor: "divider" }}>
      <ToggleButtonGroup size="small" exclusive value={gate ?? "all"} aria-label="Kind" onChange={(_, value: "all" | "script" | "video" | null) => { if (value !== null) useFilters.setState({ gate: value === "all" ? null : value }); }} sx={{ "& > button": { flex: 1 } }}>
        <ToggleButton value="all">All</ToggleButton>
        <ToggleButton value="script">Scripts</ToggleButton>
        <ToggleButton value="video">Videos</ToggleButton>
      </ToggleButtonGroup>
      <Box sx={{ display: "grid", gridTemplateColumns: "1fr 1fr", gap: 2 }}>
        <Choice name="Risk" value={risk ?? ""} from={RISKS} onChange={(value) => { useFilters.setState({ risk: value === "" ? null : (value as Filters["risk"]) }); }} />
        <Choice name="Age" value={olderS === null ? "" : String(olderS)} from={AGES} onChange={(value) => { useFilters.setState({ olderS: value === "" ? null : Number(value) }); }} />
      </Box>
      <Choice name="Order" value={sort} from={ORDERS} onChange={(value) => { useFilters.setState({ sort: value as Sort }); }} />
    </Box>
  );
}

function Choice({ name, value, from, onChange }: { name: string; value: string; from: readonly (readonly [string, string])[]; onChange: (value: string) => void }) {
  return (
    <TextField select size="small" value={value} onChange={(event) => { onChange(event.target.value); }} slotProps={{ select: { displayEmpty: true, SelectDisplayProps: { "aria-label": name } }, htmlInput: { "aria-label": name } }} sx={{ minWidth: 0, "& .MuiSelect-select": { fontSize: 13, paddingBlock: "5px" } }}>
      {from.map(([one, word]) => <MenuItem key={one} value={one} sx={{ fontSize: 13 }}>{word}</MenuItem>)}
    </TextField>
  );
}
