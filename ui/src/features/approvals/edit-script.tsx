import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { scriptQuery } from "@/api/queries";
import type { BeatView, ScriptView } from "@/api/schema";
import { QueryView } from "@/parts/query-view";
import { count } from "@/parts/words";

interface Parts {
  onSend: (args: Record<string, unknown>) => void;
  onClose: () => void;
}

const LONGEST_SENTENCE = 600;

/** How many sentences differ: each has its voice and its scene made again. */
export function changedSentences(before: readonly BeatView[], after: readonly BeatView[]): number {
  const texts = new Map(before.flatMap((beat) => beat.sentences).map((one) => [one.id, one.text]));
  return after.flatMap((beat) => beat.sentences).filter((one) => texts.get(one.id) !== one.text).length;
}

export function EditScript({ video, ...rest }: Parts & { video: string }) {
  const script = useQuery(scriptQuery(video));
  return (
    <QueryView query={script} loading={<DialogContent sx={{ height: 320 }} />}>
      {(data) => data.editable ? <Sentences key={data.digest} script={data} {...rest} /> : <DialogContent><Alert severity="info" variant="outlined">The script cannot be changed now: {data.why_not}.</Alert></DialogContent>}
    </QueryView>
  );
}

function Sentences({ script, onSend, onClose }: Parts & { script: ScriptView }) {
  const [title, setTitle] = useState(script.title);
  const [beats, setBeats] = useState<readonly BeatView[]>(script.beats);
  const changed = changedSentences(script.beats, beats);
  const headings = beats.some((beat, at) => beat.heading !== script.beats[at]?.heading);
  const differs = changed > 0 || headings || title !== script.title;
  const whole = title.trim() !== "" && beats.every((beat) => beat.heading.trim() !== "" && beat.sentences.every((one) => one.text.trim() !== ""));
  const write = (at: number, change: (beat: BeatView) => BeatView) => { setBeats(beats.map((beat, index) => (index === at ? change(beat) : beat))); };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (differs && whole) onSend({ script: { title, beats } });
  };
  return (
    <form onSubmit={submit} style={{ display: "contents" }}>
      <DialogContent sx={{ display: "grid", gap: 5 }}>
        <TextField sx={{ marginTop: 2 }} label="Title of the script" value={title} onChange={(event) => { setTitle(event.target.value); }} slotProps={{ htmlInput: { maxLength: 100 } }} />
        {beats.map((beat, at) => (
          <Box key={beat.id} component="fieldset" sx={{ border: 0, margin: 0, padding: 0, display: "grid", gap: 3 }}>
            <TextField variant="standard" label="Chapter" value={beat.heading} onChange={(event) => { write(at, (one) => ({ ...one, heading: event.target.value })); }} slotProps={{ htmlInput: { maxLength: 120 } }} />
            {beat.sentences.map((sentence) => (
              <TextField
                key={sentence.id} multiline label={`${sentence.role.replaceAll("_", " ")}, ${count(sentence.citations.length, "source")}`} value={sentence.text} error={sentence.text.trim() === ""}
                onChange={(event) => { const text = event.target.value; write(at, (one) => ({ ...one, sentences: one.sentences.map((other) => (other.id === sentence.id ? { ...other, text } : other)) })); }}
                slotProps={{ htmlInput: { maxLength: LONGEST_SENTENCE } }}
              />
            ))}
          </Box>
        ))}
      </DialogContent>
      <DialogActions sx={{ padding: 4, gap: 2 }}>
        <Typography variant="caption" color="textSecondary" sx={{ flex: 1 }} role="status">
          {changed === 0 ? "No sentence is changed." : `${count(changed, "sentence")} changed: spoken anew, with the scene and at most two transitions each rendered again; everything else is taken from the store.`}
        </Typography>
        <Button color="inherit" onClick={onClose}>Leave it</Button>
        <Button type="submit" variant="contained" disabled={!differs || !whole}>Change it</Button>
      </DialogActions>
    </form>
  );
}
