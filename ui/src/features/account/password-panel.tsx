import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { answerOf, api } from "@/api/client";
import { Panel } from "@/parts/panel";
import { PasswordField } from "@/parts/password-field";
import { ProblemView } from "@/parts/problem-view";
import { toast } from "@/parts/toasts";
import { count } from "@/parts/words";

const SHORTEST = 12;

/** Changes the password; what the old one let in goes with it. */
export function PasswordPanel() {
  const queries = useQueryClient();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [keeps, setKeeps] = useState(false);
  const change = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/me/password", { body: { current, new: fresh, keep_tokens: keeps } })),
    onSuccess: (gone) => {
      toast("success", `Your password is changed: ${count(gone.ended, "other session")} ended, ${count(gone.tokens_revoked, "token")} revoked.`);
      setFresh("");
      setKeeps(false);
      void queries.invalidateQueries({ queryKey: ["sessions"] });
      void queries.invalidateQueries({ queryKey: ["tokens"] });
    },
    onSettled: () => { setCurrent(""); },
  });
  const ready = current !== "" && fresh.length >= SHORTEST;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !change.isPending) change.mutate();
  };
  return (
    <Panel title="Password">
      <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 4 }}>
        <PasswordField label="Current password" required value={current} onChange={(event) => { setCurrent(event.target.value); }} />
        <PasswordField fresh label="New password" required value={fresh} onChange={(event) => { setFresh(event.target.value); }} helperText={`${String(SHORTEST)} characters or more; a few words are good`} />
        <FormControlLabel control={<Checkbox checked={keeps} onChange={(event) => { setKeeps(event.target.checked); }} />} label="Let my programs' tokens stay good" slotProps={{ typography: { variant: "body2" } }} />
        <Box sx={{ fontSize: 12, color: "text.secondary" }}>Your other sessions end{keeps ? "." : ", and your programs' tokens are revoked: whoever knew the old password may have made one."}</Box>
        {change.error ? <ProblemView error={change.error} /> : null}
        <Box><Button type="submit" variant="contained" disabled={!ready || change.isPending}>{change.isPending ? "Changing it…" : "Change it"}</Button></Box>
      </Box>
    </Panel>
  );
}
