import FormControlLabel from "@mui/material/FormControlLabel";
import Radio from "@mui/material/Radio";
import RadioGroup from "@mui/material/RadioGroup";
import Typography from "@mui/material/Typography";

import type { ChannelView } from "@/api/schema";

export type Autonomy = ChannelView["autonomy"];

export const DEGREES: readonly [Autonomy, string, string][] = [
  ["manual", "Manual", "you decide about each script and each video"],
  ["review", "Review", "you decide about each video before it is published"],
  ["policy", "Policy", "what passes every check is published, the rest asks you"],
  ["autonomous", "Autonomous", "it works by itself, within its budget and the checks"],
];

/** How much of a channel's work a person decides. */
export function AutonomyChoice({ value, onChange, disabled }: { value: Autonomy; onChange: (value: Autonomy) => void; disabled?: boolean }) {
  return (
    <RadioGroup aria-label="Degree of control" value={value} onChange={(event) => { onChange(event.target.value as Autonomy); }}>
      {DEGREES.map(([degree, name, means]) => (
        <FormControlLabel key={degree} value={degree} disabled={disabled === true} control={<Radio size="small" />} label={<Typography variant="body2"><b>{name}</b>: {means}</Typography>} />
      ))}
    </RadioGroup>
  );
}
