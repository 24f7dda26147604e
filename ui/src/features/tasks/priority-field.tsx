import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";

import type { Priority } from "./asked";

const PRIORITIES: readonly Priority[] = ["urgent", "high", "normal"];

export function PriorityField({ value, onChange }: { value: Priority; onChange: (value: Priority) => void }) {
  return (
    <TextField select label="Priority" value={value} onChange={(event) => { onChange(event.target.value as Priority); }} sx={{ width: 140 }}>
      {PRIORITIES.map((one) => <MenuItem key={one} value={one}>{one}</MenuItem>)}
    </TextField>
  );
}
