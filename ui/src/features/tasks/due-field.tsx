import TextField from "@mui/material/TextField";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** When a video is to be shown, as a time of this machine's zone; empty leaves it to the channel's schedule. */
export function DueField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const passed = isPast(value);
  return (
    <TextField
      label={`Shown at (${ZONE})`} type="datetime-local" value={value} onChange={(event) => { onChange(event.target.value); }} error={passed}
      helperText={passed ? "That time has passed" : undefined} slotProps={{ inputLabel: { shrink: true } }} sx={{ width: 250 }}
    />
  );
}

export function isPast(value: string): boolean {
  return value !== "" && new Date(value).getTime() <= Date.now();
}

export function dueOf(value: string): { due_at?: string } {
  return value === "" ? {} : { due_at: new Date(value).toISOString() };
}
