import Box from "@mui/material/Box";
import TextField from "@mui/material/TextField";

import type { Editing } from "./script-draft";
import { count, plain } from "./words";

const LONGEST_TITLE = 100;
const LONGEST_HEADING = 120;
const LONGEST_SENTENCE = 600;

/** The words of a script, each sentence in a field of its own; those that are spoken again are marked. */
export function ScriptFields({ editing, again }: { editing: Editing; again?: ReadonlySet<string> | undefined }) {
  const { draft, setTitle, setHeading, setText } = editing;
  return (
    <>
      <TextField sx={{ marginTop: 2 }} label="Title of the script" value={draft.title} error={draft.title.trim() === ""} onChange={(event) => { setTitle(event.target.value); }} slotProps={{ htmlInput: { maxLength: LONGEST_TITLE } }} />
      {draft.beats.map((beat) => (
        <Box key={beat.id} component="fieldset" sx={{ border: 0, margin: 0, padding: 0, display: "grid", gap: 3, minWidth: 0 }}>
          <TextField variant="standard" label="Chapter" value={beat.heading} error={beat.heading.trim() === ""} onChange={(event) => { setHeading(beat.id, event.target.value); }} slotProps={{ htmlInput: { maxLength: LONGEST_HEADING } }} />
          {beat.sentences.map((one) => (
            <TextField
              key={one.id} multiline value={one.text} error={one.text.trim() === ""} label={`${plain(one.role)}, ${count(one.citations.length, "source")}${again?.has(one.id) ? ", spoken again" : ""}`}
              onChange={(event) => { setText(one.id, event.target.value); }} slotProps={{ htmlInput: { maxLength: LONGEST_SENTENCE } }}
            />
          ))}
        </Box>
      ))}
    </>
  );
}
