import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import InputAdornment from "@mui/material/InputAdornment";
import MenuItem from "@mui/material/MenuItem";
import TextField, { type TextFieldProps } from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";

import type { ChannelView } from "@/api/schema";
import { Panel } from "@/parts/panel";

import { type Lacking, saidOf, type StartForm, wrongAddresses, wrongWith } from "./start-form";

interface Parts {
  form: StartForm;
  channels: readonly ChannelView[];
  lacking: readonly Lacking[];
  onChange: (change: Partial<StartForm>) => void;
}

const LENGTHS: readonly (readonly [string, string])[] = [["8", "Overnight"], ["24", "A day"], ["72", "A weekend"], ["168", "A week"]];
const TWO = { display: "grid", gridTemplateColumns: { xs: "minmax(0, 1fr)", sm: "1fr 1fr" }, gap: 4, alignItems: "start" } as const;
const AUTONOMY = [["own", "As each channel is set"], ["autonomous", "By itself"], ["policy", "By itself what passes every check, the rest asks"], ["review", "Each video asks before it is published"], ["manual", "Each script and each video asks"]] as const;
const MISSED = [["skip", "It is left out"], ["ask", "It asks you"], ["catch_up", "It is caught up"]] as const;
const PRIVACY = [["public", "Public"], ["unlisted", "Unlisted"], ["private", "Private"]] as const;

/** For how long, where, for how much, and by which policy. */
export function StartFields({ form, channels, lacking, onChange }: Parts) {
  const number = (name: "hours" | "budget" | "videos" | "seconds" | "reportHour", label: string, help: string, more: TextFieldProps = {}) => {
    const wrong = wrongWith(form, name) ?? saidOf(lacking, name);
    return <TextField label={label} value={form[name]} onChange={(event) => { onChange({ [name]: event.target.value }); }} error={wrong !== undefined} helperText={wrong ?? help} slotProps={{ htmlInput: { inputMode: "decimal", maxLength: 9 }, ...more.slotProps }} />;
  };
  const choice = <T extends "autonomy" | "missed" | "privacy">(name: T, label: string, from: readonly (readonly [StartForm[T], string])[]) => (
    <TextField select label={label} value={form[name]} onChange={(event) => { onChange({ [name]: event.target.value }); }}>
      {from.map(([value, word]) => <MenuItem key={value} value={value}>{word}</MenuItem>)}
    </TextField>
  );
  const zoneSaid = saidOf(lacking, "zone");
  const toSaid = wrongAddresses(form) ?? saidOf(lacking, "reportTo");
  return (
    <>
      <Panel title="1. For how long, and for how much?">
        <Box sx={{ display: "grid", gap: 4 }}>
          <ToggleButtonGroup size="small" exclusive value={form.hours} aria-label="Length" onChange={(_, value: string | null) => { if (value !== null) onChange({ hours: value }); }}>
            {LENGTHS.map(([value, word]) => <ToggleButton key={value} value={value}>{word}</ToggleButton>)}
          </ToggleButtonGroup>
          <Box sx={TWO}>
            {number("hours", "Hours", "From now; it ends by itself")}
            {number("budget", "The most that it may spend", "A hard stop for all of its channels together", { slotProps: { htmlInput: { inputMode: "decimal", maxLength: 9 }, input: { startAdornment: <InputAdornment position="start">$</InputAdornment> } } })}
          </Box>
        </Box>
      </Panel>
      <Panel title="2. On which channels?"><Channels form={form} channels={channels} said={saidOf(lacking, "channels")} onChange={onChange} /></Panel>
      <Panel title="3. By which policy?">
        <Box sx={{ display: "grid", gap: 4 }}>
          <Box sx={TWO}>{choice("autonomy", "Who decides", AUTONOMY)}{choice("missed", "When a time was missed", MISSED)}</Box>
          <Box sx={TWO}>{choice("privacy", "Videos are shown", PRIVACY)}{number("videos", "Videos a channel", "Empty: as often as each channel's schedule says")}</Box>
          <Box sx={TWO}>
            {number("seconds", "Seconds a video", "10 to 900")}
            <Box sx={TWO}>
              <TextField label="Zone of the reports" value={form.zone} onChange={(event) => { onChange({ zone: event.target.value }); }} error={form.zone.trim() === "" || zoneSaid !== undefined} helperText={zoneSaid ?? "Such as Europe/Berlin"} slotProps={{ htmlInput: { maxLength: 64 } }} />
              {number("reportHour", "Report at", "Hour, 0 to 23")}
            </Box>
          </Box>
          <TextField type="text" label="Report to" placeholder="ada@example.org, ben@example.org" value={form.reportTo} onChange={(event) => { onChange({ reportTo: event.target.value }); }} error={toSaid !== undefined} helperText={toSaid ?? "Mail addresses separated by commas, besides the studio's own; empty: only those"} slotProps={{ htmlInput: { inputMode: "email", autoCapitalize: "none", spellCheck: false, maxLength: 2_000 } }} />
        </Box>
      </Panel>
    </>
  );
}

function Channels({ form, channels, said, onChange }: Pick<Parts, "form" | "channels" | "onChange"> & { said: string | undefined }) {
  const toggle = (id: string) => { onChange({ channels: form.channels.includes(id) ? form.channels.filter((one) => one !== id) : [...form.channels, id] }); };
  const all = form.channels.length === 0;
  return (
    <Box sx={{ display: "grid", gap: 3 }}>
      <Box role="group" aria-label="Channels" sx={{ display: "flex", flexWrap: "wrap", gap: 2 }}>
        <Chip label="All that work" color={all ? "primary" : "default"} variant={all ? "filled" : "outlined"} onClick={() => { onChange({ channels: [] }); }} aria-pressed={all} />
        {channels.map((one) => {
          const chosen = form.channels.includes(one.id);
          return <Chip key={one.id} label={one.paused ? `${one.name} (paused)` : one.name} color={chosen ? "primary" : "default"} variant={chosen ? "filled" : "outlined"} disabled={one.paused && !chosen} onClick={() => { toggle(one.id); }} aria-pressed={chosen} />;
        })}
      </Box>
      <Typography variant="caption" color={said === undefined ? "textSecondary" : "error"}>{said ?? "A channel has one autonomous run at a time."}</Typography>
    </Box>
  );
}
