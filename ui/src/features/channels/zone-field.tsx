import TextField from "@mui/material/TextField";
import { useState } from "react";

const ZONES = Intl.supportedValuesOf("timeZone");

export function isZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** A time zone by name; the four hundred that there are are proposed once somebody chooses. */
export function ZoneField({ value, onChange, disabled }: { value: string; onChange: (zone: string) => void; disabled: boolean }) {
  const [choosing, setChoosing] = useState(false);
  const bad = !isZone(value);
  return (
    <div>
      <TextField
        label="Time zone" value={value} disabled={disabled} error={bad} helperText={bad ? "A zone such as Europe/Berlin" : " "} onFocus={() => { setChoosing(true); }} onBlur={() => { setChoosing(false); }}
        onChange={(event) => { onChange(event.target.value); }} slotProps={{ htmlInput: { list: "zones", autoComplete: "off", maxLength: 64 } }}
      />
      {choosing ? <datalist id="zones">{ZONES.map((one) => <option key={one} value={one} />)}</datalist> : null}
    </div>
  );
}
