import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { Navigate, useSearchParams } from "react-router-dom";

import { admit } from "@/api/access";
import { answerOf, api } from "@/api/client";
import { ProblemView } from "@/parts/problem-view";
import { announceSignIn, begin, useSession } from "@/session/session-store";

import { EnterFrame } from "./enter-frame";
import { PasswordField } from "./password-field";

/** Where to go on: an address of this console, and no other. */
export function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/";
}

export default function SignInPage() {
  const [asked] = useSearchParams();
  const { standing, ended } = useSession();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/auth/login", { body: { email: email.trim(), password } })),
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
