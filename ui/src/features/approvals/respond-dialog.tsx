import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import { useState } from "react";

const LONGEST = 2000;

/** Says in words what should change; the agent makes it again and asks anew. */
export function RespondDialog({ gate, onSend, onClose }: { gate: "script" | "video"; onSend: (words: string) => void; onClose: () => void }) {
  const [words, setWords] = useState("");
  const good = words.trim() !== "";
  const send = () => {
    if (good) onSend(words.trim());
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby="respond-title">
      <DialogTitle id="respond-title">What should change?</DialogTitle>
      <DialogContent>
        <TextField
          autoFocus multiline minRows={5} label="In your words" value={words} onChange={(event) => { setWords(event.target.value); }} sx={{ marginTop: 2 }}
          onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(); }}
          slotProps={{ htmlInput: { maxLength: LONGEST } }}
          helperText={`${gate === "script" ? "The writer reads it and writes the script anew" : "The agents read it and make what it concerns anew"}; then you are asked again, and told what became of your words. ${String(words.length)} of ${String(LONGEST)} characters.`}
        />
      </DialogContent>
      <DialogActions sx={{ padding: 4 }}>
        <Button color="inherit" onClick={onClose}>Leave it</Button>
        <Button variant="contained" disabled={!good} onClick={send}>Send (Ctrl-Enter)</Button>
      </DialogActions>
    </Dialog>
  );
}
