import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { answerOf, api } from "@/api/client";
import { asProblem } from "@/api/problem";
import { ProblemView } from "@/parts/problem-view";

import { type LinkTold, peopleQuery } from "./queries";
import { type Role, ROLES } from "./roles";

const LONGEST_EMAIL = 254;
const LONGEST_NAME = 120;

/** Lets a person in; they set their password by the link that comes of it. */
export function InviteDialog({ onMade, onClose }: { onMade: (link: LinkTold) => void; onClose: () => void }) {
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const invite = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/users", { body: { email: email.trim(), name: name.trim(), role } })),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: peopleQuery.queryKey });
      onMade({ email: made.user.email, secret: made.secret });
    },
  });
  const wrong = invite.error ? asProblem(invite.error).of("email") : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!invite.isPending) invite.mutate();
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="invite-title">
      <form onSubmit={submit}>
        <DialogTitle id="invite-title">Let somebody in</DialogTitle>
        <DialogContent sx={{ display: "grid", gap: 4 }}>
          <TextField label="Their address" type="email" required autoFocus value={email} error={wrong !== undefined} helperText={wrong} onChange={(event) => { setEmail(event.target.value); }} sx={{ marginTop: 2 }} slotProps={{ htmlInput: { maxLength: LONGEST_EMAIL } }} />
          <TextField label="Their name" value={name} onChange={(event) => { setName(event.target.value); }} slotProps={{ htmlInput: { maxLength: LONGEST_NAME } }} />
          <TextField select label="Role" value={role} helperText={ROLES.find(([one]) => one === role)?.[1]} onChange={(event) => { setRole(event.target.value as Role); }}>
            {ROLES.map(([one]) => <MenuItem key={one} value={one}>{one}</MenuItem>)}
          </TextField>
          {invite.error && wrong === undefined ? <ProblemView error={invite.error} /> : null}
        </DialogContent>
        <DialogActions sx={{ padding: 4 }}>
          <Button color="inherit" onClick={onClose}>Leave it</Button>
          <Button type="submit" variant="contained" disabled={email.trim() === "" || invite.isPending}>{invite.isPending ? "Letting them in…" : "Let them in"}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
