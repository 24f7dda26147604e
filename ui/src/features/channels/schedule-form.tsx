import Box from "@mui/material/Box";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import type { FormEvent } from "react";

import type { Versioned } from "@/api/client";
import type { Schedule } from "@/api/schema";
import { count } from "@/parts/words";

import { EditActions } from "./edit-actions";
import { HourPicker, hourWord } from "./hour-picker";
import { StaleOrProblem } from "./stale-or-problem";
import { useScheduleEdit } from "./use-schedule-edit";
import { isZone, ZoneField } from "./zone-field";

const MOST_A_WEEK = 21;

function told(often: number, hours: readonly number[], zone: string): string {
  return `${count(often, "video")} a week at ${hours.map(hourWord).join(", ")} in ${zone}`;
}

/** How often the channel publishes, and at which hours of which zone. */
export function ScheduleForm({ id, schedule, mayEdit }: { id: string; schedule: Versioned<Schedule>; mayEdit: boolean }) {
  const edit = useScheduleEdit(id, schedule);
  const { perWeek, hours, zone } = edit.shown;
  const often = Number(perWeek);
  const badOften = !(Number.isInteger(often) && often >= 1 && often <= MOST_A_WEEK);
  const good = !badOften && isZone(zone) && hours.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (good) edit.save();
  };
  return (
    <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 3 }}>
      <Box sx={{ display: "grid", gridTemplateColumns: "140px 1fr", gap: 4, maxWidth: 480, marginTop: 1 }}>
        <TextField label="Videos a week" value={perWeek} disabled={!mayEdit} error={badOften} helperText={badOften ? `1 to ${String(MOST_A_WEEK)}` : " "} onChange={(event) => { edit.want({ perWeek: event.target.value }); }} slotProps={{ htmlInput: { inputMode: "numeric" } }} />
        <ZoneField value={zone} disabled={!mayEdit} onChange={(name) => { edit.want({ zone: name }); }} />
      </Box>
      <HourPicker chosen={hours} disabled={!mayEdit} onChange={(chosen) => { edit.want({ hours: chosen }); }} />
      <Typography variant="caption" color="textSecondary" sx={{ minHeight: 34 }}>
        {hours.length === 0 ? "Choose at least one hour." : good ? `${told(often, hours, zone)}. What is planned already keeps its time.` : ""}
      </Typography>
      <StaleOrProblem error={edit.error} now={told(schedule.body.per_week, schedule.body.hours, schedule.body.zone)} onMine={edit.saveOver} onTheirs={edit.leave} />
      <EditActions word="Set the schedule" mayEdit={mayEdit} changed={edit.changed} good={good} busy={edit.busy} onLeave={edit.leave} />
    </Box>
  );
}
