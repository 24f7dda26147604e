import InputAdornment from "@mui/material/InputAdornment";
import TextField from "@mui/material/TextField";

const MOST_USD = 100_000;

/** The dollars that were typed: null for nothing, undefined for what is no amount. */
export function usdOf(typed: string): number | null | undefined {
  if (typed.trim() === "") return null;
  const usd = Number(typed);
  return usd >= 0 && usd <= MOST_USD ? usd : undefined;
}

interface Parts {
  value: string;
  onChange: (value: string) => void;
  disabled?: boolean;
  label?: string;
  help?: string;
}

/** An amount of dollars that is a limit, or nothing. */
export function BudgetField({ value, onChange, disabled, label = "The most in one UTC day", help = "A hard stop. Empty: only the studio's own limits count." }: Parts) {
  const bad = usdOf(value) === undefined;
  return (
    <TextField
      label={label} value={value} onChange={(event) => { onChange(event.target.value); }} error={bad} disabled={disabled === true} sx={{ maxWidth: 320 }}
      helperText={bad ? `A number from 0 to ${MOST_USD.toLocaleString("en-US")}, or nothing for no limit of its own` : help}
      slotProps={{ htmlInput: { inputMode: "decimal" }, input: { startAdornment: <InputAdornment position="start">$</InputAdornment> } }}
    />
  );
}
