import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { type PasswordWish, showPassword } from "@/session/password-wish";

import { ProblemView } from "./problem-view";
import { count } from "./words";

/** Asks for the password before a grave act, which then goes on by itself. */
export default function PasswordDialog({ wish }: { wish: PasswordWish }) {
  const [password, setPassword] = useState("");
  const show = useMutation({ mutationFn: showPassword, onSuccess: () => { wish.settle(true); }, onError: () => { setPassword(""); } });
  const leave = () => { wish.settle(false); };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password !== "" && !show.isPending) show.mutate(password);
  };
  return (
    <Dialog open onClose={leave} maxWidth="xs" aria-labelledby="password-title">
      <form onSubmit={submit}>
        <DialogTitle id="password-title">Your password, once more</DialogTitle>
        <DialogContent sx={{ display: "grid", gap: 4 }}>
          <Typography variant="body2">This reaches far, so the studio asks who is at the keyboard. It then does not ask again for {count(wish.withinMinutes, "minute")}.</Typography>
          <TextField autoFocus type="password" label="Password" autoComplete="current-password" value={password} onChange={(event) => { setPassword(event.target.value); }} slotProps={{ htmlInput: { maxLength: 512 } }} />
          {show.error ? <ProblemView error={show.error} /> : null}
        </DialogContent>
        <DialogActions sx={{ padding: 4 }}>
          <Button color="inherit" onClick={leave}>Leave it</Button>
          <Button type="submit" variant="contained" disabled={password === "" || show.isPending}>{show.isPending ? "Looking…" : "Go on"}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
