import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import { type FormEvent, type ReactNode, useState } from "react";

import { ProblemView } from "./problem-view";

interface Parts {
  title: string;
  children: ReactNode;
  /** What has to be typed before the button works. Leave it out where a mistake can be taken back. */
  typed?: string;
  /** A question for the reason, which is kept with what was done. */
  reason?: string;
  action: string;
  /** Whether what the children ask for is whole; left out where they ask for nothing. */
  ready?: boolean;
  danger?: boolean;
  busy?: boolean;
  error?: unknown;
  onConfirm: (reason: string) => void;
  onClose: () => void;
}

/** Asks before something that is not easily taken back. Closing it puts the focus back where it was. */
export function ConfirmDialog({ title, children, typed, reason, action, ready: whole = true, danger, busy, error, onConfirm, onClose }: Parts) {
  const [word, setWord] = useState("");
  const [why, setWhy] = useState("");
  const ready = whole && (typed === undefined || word.trim().toLowerCase() === typed.toLowerCase()) && (reason === undefined || why.trim() !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !busy) onConfirm(why.trim());
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby="confirm-title">
      <form onSubmit={submit}>
        <DialogTitle id="confirm-title">{title}</DialogTitle>
        <DialogContent sx={{ display: "grid", gap: 4 }}>
          <div>{children}</div>
          {reason === undefined ? null : <TextField label={reason} value={why} onChange={(event) => { setWhy(event.target.value); }} autoFocus slotProps={{ htmlInput: { maxLength: 500 } }} />}
          {typed === undefined ? null : <TextField label={`Type ${typed} to go on`} value={word} onChange={(event) => { setWord(event.target.value); }} autoFocus={reason === undefined} autoComplete="off" />}
          {error ? <ProblemView error={error} /> : null}
        </DialogContent>
        <DialogActions sx={{ padding: 4 }}>
          <Button onClick={onClose} color="inherit">Leave it</Button>
          <Button type="submit" variant="contained" color={danger ? "error" : "primary"} disabled={!ready || busy === true}>{busy ? "Doing it…" : action}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
