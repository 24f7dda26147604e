import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { type FormEvent, useState } from "react";

import { sendFilm, sendUpload } from "@/api/upload";
import { ProblemView } from "@/parts/problem-view";
import { duration } from "@/parts/words";

import { DueField } from "./due-field";
import { FileButton } from "./file-button";
import { PriorityField } from "./priority-field";
import { EMPTY_READY, lackingIn, needsCredit, type Ready, readyOf, RIGHTS, statedOf } from "./ready-film";
import { TemplateBar } from "./template-bar";
import { useAsk } from "./use-ask";

const TWO = { display: "grid", gridTemplateColumns: { xs: "minmax(0, 1fr)", sm: "1fr 1fr" }, gap: 3, alignItems: "start" } as const;

/** A video that came finished: its film, its captions, and what is said of it. */
export function ReadyForm({ channel }: { channel: string | null }) {
  const [ready, setReady] = useState<Ready>(EMPTY_READY);
  const { ask, changed } = useAsk(() => { setReady(EMPTY_READY); });
  const change = (part: Partial<Ready>) => {
    setReady((before) => ({ ...before, ...part }));
    changed();
  };
  const lacking = lackingIn(ready, channel);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (lacking === null && channel !== null && !ask.isPending) ask.mutate(readyOf(ready, channel));
  };
  return (
    <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 3 }}>
      <TemplateBar kind="ready" value={ready.description.trim() === "" ? null : { ...statedOf(ready) }} onPick={(value) => { change(value); }} />
      <Box sx={TWO}>
        <FileButton label="Send the film" accept=".mp4,.m4v,.mov,.webm,.mkv" send={sendFilm} held={ready.filmTold || undefined} onSent={(one) => { change({ film: one.id, filmTold: `${one.name}, ${duration(one.seconds)}, ${String(one.width)} × ${String(one.height)}` }); }} />
        <FileButton label="Send its captions" accept=".srt,.vtt" send={sendUpload} held={ready.captionsTold || undefined} onSent={(one) => { change({ captions: one.id, captionsTold: one.name, noCaptions: "" }); }} />
      </Box>
      {ready.captions === "" ? <TextField label="Or why there are no captions" value={ready.noCaptions} onChange={(event) => { change({ noCaptions: event.target.value }); }} slotProps={{ htmlInput: { maxLength: 300 } }} placeholder="Nobody speaks" /> : null}
      <TextField label="Title" value={ready.title} onChange={(event) => { change({ title: event.target.value }); }} slotProps={{ htmlInput: { maxLength: 100 } }} />
      <TextField label="Description" multiline minRows={2} maxRows={8} value={ready.description} onChange={(event) => { change({ description: event.target.value }); }} slotProps={{ htmlInput: { maxLength: 3000 } }} />
      <TextField label="Tags, with commas between them" value={ready.tags} onChange={(event) => { change({ tags: event.target.value }); }} slotProps={{ htmlInput: { maxLength: 500 } }} />
      <Box sx={TWO}>
        <TextField select label="On what it may be shown" value={ready.rights} onChange={(event) => { change({ rights: event.target.value as Ready["rights"] }); }}>
          {RIGHTS.map(([value, word]) => <MenuItem key={value} value={value}>{word}</MenuItem>)}
        </TextField>
        <TextField label={needsCredit(ready.rights) ? "Whose it is" : "Whose it is, if you want it named"} required={needsCredit(ready.rights)} value={ready.credit} onChange={(event) => { change({ credit: event.target.value }); }} slotProps={{ htmlInput: { maxLength: 500 } }} />
        <TextField select label="Generated or altered to look real?" value={ready.synthetic} onChange={(event) => { change({ synthetic: event.target.value as Ready["synthetic"] }); }}>
          <MenuItem value="no">No</MenuItem>
          <MenuItem value="yes">Yes, and viewers are told</MenuItem>
        </TextField>
        <Box sx={{ display: "flex", gap: 3 }}>
          <DueField value={ready.due} onChange={(due) => { change({ due }); }} />
          <PriorityField value={ready.priority} onChange={(priority) => { change({ priority }); }} />
        </Box>
      </Box>
      <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
        <Typography variant="caption" color="textSecondary" role="status" sx={{ flex: 1 }}>{lacking ?? `It is measured, screened, given a thumbnail of its own frames, and asked about or published as ${channel ?? ""} does.`}</Typography>
        <Button type="submit" variant="contained" disabled={lacking !== null || ask.isPending}>Hand it in</Button>
      </Box>
      {ask.error ? <ProblemView error={ask.error} /> : null}
    </Box>
  );
}
