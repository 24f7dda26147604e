import Box from "@mui/material/Box";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function hourWord(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

/** The hours of a day, any number of them. */
export function HourPicker({ chosen, onChange, disabled }: { chosen: readonly number[]; onChange: (hours: number[]) => void; disabled: boolean }) {
  return (
    <Box sx={{ overflowX: "auto" }}>
      <ToggleButtonGroup
        value={[...chosen]} disabled={disabled} aria-label="Hours of the day"
        onChange={(_, hours: number[]) => { onChange([...hours].sort((one, other) => one - other)); }}
        sx={{ display: "grid", gridTemplateColumns: "repeat(12, minmax(36px, 1fr))", gap: 1, "& .MuiToggleButton-root": { border: 1, borderColor: "divider", borderRadius: "4px !important", margin: "0 !important", padding: "2px 0", fontSize: 13, "&.Mui-selected": { backgroundColor: "primary.main", color: "primary.contrastText", "&:hover": { backgroundColor: "primary.main" } } } }}
      >
        {HOURS.map((hour) => <ToggleButton key={hour} value={hour} aria-label={hourWord(hour)}>{String(hour).padStart(2, "0")}</ToggleButton>)}
      </ToggleButtonGroup>
    </Box>
  );
}
