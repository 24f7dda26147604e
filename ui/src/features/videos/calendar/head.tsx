import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";

interface Parts {
  title: string;
  span: string;
  /** Whose clocks the times are of. */
  zone: string;
  note: string;
  onTurn: (by: number) => void;
  onToday: () => void;
  onSpan: (span: string) => void;
}

/** What is looked at, in whose time, and how to look elsewhere. */
export function Head({ title, span, zone, note, onTurn, onToday, onSpan }: Parts) {
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 2, flexWrap: "wrap" }}>
      <Button color="inherit" variant="outlined" aria-label="Earlier" onClick={() => { onTurn(-1); }} sx={{ minWidth: 36 }}>‹</Button>
      <Button color="inherit" variant="outlined" aria-label="Later" onClick={() => { onTurn(1); }} sx={{ minWidth: 36 }}>›</Button>
      <Button color="inherit" variant="outlined" onClick={onToday}>Today</Button>
      <Typography variant="h2" aria-live="polite" sx={{ marginInlineStart: 2 }}>{title}</Typography>
      <Typography variant="body2" color="textSecondary" sx={{ flex: 1 }}>{zone} {note}</Typography>
      <ToggleButtonGroup size="small" exclusive value={span} aria-label="Span" onChange={(_, value: string | null) => { if (value !== null) onSpan(value); }}>
        <ToggleButton value="month">Month</ToggleButton>
        <ToggleButton value="week">Week</ToggleButton>
      </ToggleButtonGroup>
    </Box>
  );
}
