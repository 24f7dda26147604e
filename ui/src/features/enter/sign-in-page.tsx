import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { Navigate, useSearchParams } from "react-router-dom";

import { admit } from "@/api/access";
import { answerOf, api } from "@/api/client";
import { PasswordField } from "@/parts/password-field";
import { ProblemView } from "@/parts/problem-view";
import { announceSignIn, begin, useSession } from "@/session/session-store";
import { OWN_STUDIO, useUi } from "@/session/ui-store";

import { EnterFrame } from "./enter-frame";

/** Where to go on: an address of this console, and no other. */
export function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/";
}

export default function SignInPage() {
  const [asked] = useSearchParams();
  const { standing, ended } = useSession();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const remembered = useUi((ui) => ui.studio);
  const [studio, setStudio] = useState(asked.get("studio") ?? remembered);
  // Most servers have one studio, and nobody needs to know what it is called.
  const [asksStudio] = useState(studio !== OWN_STUDIO);
  const signIn = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/auth/login", { body: { email: email.trim(), password, tenant: studio.trim() || OWN_STUDIO } })),
    onSuccess: (signed) => {
      admit(signed);
      announceSignIn();
    },
    onError: () => { setPassword(""); },
  });
  useEffect(() => {
    if (standing === "unknown") void begin();
  }, [standing]);
  if (standing === "in") return <Navigate to={safeNext(asked.get("next"))} replace />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <EnterFrame title="Sign in">
      {ended ? <Alert severity="info" variant="outlined">Your session is over. Sign in, and you come back to where you were.</Alert> : null}
      <form onSubmit={submit} style={{ display: "grid", gap: 16 }}>
        <TextField label="Your address" type="email" autoComplete="username" required autoFocus value={email} onChange={(event) => { setEmail(event.target.value); }} slotProps={{ htmlInput: { maxLength: 254 } }} />
        {asksStudio ? <TextField label="Studio" value={studio} onChange={(event) => { setStudio(event.target.value); }} helperText="Which of this server's studios; an address may belong to several" slotProps={{ htmlInput: { maxLength: 64 } }} /> : null}
        <PasswordField label="Password" required value={password} onChange={(event) => { setPassword(event.target.value); }} />
        {signIn.error ? <ProblemView error={signIn.error} /> : null}
        <Button type="submit" variant="contained" size="large" disabled={signIn.isPending}>{signIn.isPending ? "Signing in…" : "Sign in"}</Button>
      </form>
      <Typography variant="caption" color="textSecondary">
        No account yet? While the studio has nobody, `ytempire up` shows a link for its first admin. Later an admin lets you in, or `ytempire users link YOUR-ADDRESS` makes a link for a new password.
      </Typography>
    </EnterFrame>
  );
}
