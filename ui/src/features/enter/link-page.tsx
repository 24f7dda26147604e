import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router-dom";

import { admit } from "@/api/access";
import { answerOf, api } from "@/api/client";
import { PasswordField } from "@/parts/password-field";
import { ProblemView } from "@/parts/problem-view";
import { announceSignIn } from "@/session/session-store";

import { EnterFrame } from "./enter-frame";

const SHORTEST = 12;

/** Behind a one-time link: the first admin, or a new password. */
export default function LinkPage() {
  const { pathname, hash } = useLocation();
  const navigate = useNavigate();
  const isFirst = pathname === "/setup";
  // The secret stands after the #, which no server sees; it leaves the address as soon as it was read.
  const [secret] = useState(hash.slice(1));
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [keeps, setKeeps] = useState(false);
  useEffect(() => {
    history.replaceState(history.state, "", pathname);
  }, [pathname]);
  const enter = useMutation({
    mutationFn: () => answerOf(isFirst ? api.POST("/v1/auth/setup", { body: { secret, email: email.trim(), password } }) : api.POST("/v1/auth/link", { body: { secret, password, keep_tokens: keeps } })),
    onSuccess: (signed) => {
      admit(signed);
      announceSignIn();
      void navigate(isFirst ? "/first-run" : "/", { replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <EnterFrame title={isFirst ? "Become the first admin" : "Set your password"}>
      {secret === "" ? <Alert severity="warning" variant="outlined">This link has no secret. Open it again exactly as it was shown.</Alert> : null}
      <Typography variant="body2" color="textSecondary">{isFirst ? "You answer for this studio: you let others in, and only you can let it go on after a stop." : "You are signed in with it at once. Every other session of yours ends."}</Typography>
      <form onSubmit={submit} style={{ display: "grid", gap: 16 }}>
        {isFirst ? <TextField label="Your address" type="email" autoComplete="username" required autoFocus value={email} onChange={(event) => { setEmail(event.target.value); }} slotProps={{ htmlInput: { maxLength: 254 } }} /> : null}
        <PasswordField fresh label="New password" required value={password} onChange={(event) => { setPassword(event.target.value); }} helperText={`${String(SHORTEST)} characters or more; a few words are good`} />
        {isFirst ? null : (
          <FormControlLabel
            control={<Checkbox checked={keeps} onChange={(event) => { setKeeps(event.target.checked); }} />} slotProps={{ typography: { variant: "body2" } }}
            label={<>Let my programs' tokens stay good<Typography variant="caption" color="textSecondary" sx={{ display: "block" }}>Otherwise those you made before are revoked: whoever knew the old password may have made one.</Typography></>}
          />
        )}
        {enter.error ? <ProblemView error={enter.error} /> : null}
        <Button type="submit" variant="contained" size="large" disabled={enter.isPending || secret === "" || password.length < SHORTEST}>{enter.isPending ? "One moment…" : "Go on"}</Button>
      </form>
    </EnterFrame>
  );
}
