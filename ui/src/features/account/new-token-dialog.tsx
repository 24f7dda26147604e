import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import FormControlLabel from "@mui/material/FormControlLabel";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { answerOf, api } from "@/api/client";
import type { TokenMade } from "@/api/schema";
import { ProblemView } from "@/parts/problem-view";
import { useSession } from "@/session/session-store";

import { tokensQuery } from "./queries";
import { type Scope, scopesOf } from "./scopes";

const LASTS = [[30, "30 days"], [90, "90 days"], [365, "a year"], [0, "for ever"]] as const;
const LONGEST_NAME = 80;

/** Says what a program is called, what it may and for how long. */
export function NewTokenDialog({ onMade, onClose }: { onMade: (token: TokenMade) => void; onClose: () => void }) {
  const queries = useQueryClient();
  const offered = scopesOf(useSession((session) => session.permissions));
  const [name, setName] = useState("");
  const [days, setDays] = useState<number>(LASTS[1][0]);
  const [chosen, setChosen] = useState<ReadonlySet<Scope>>(new Set(["me:read"]));
  const make = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/me/tokens", { body: { name: name.trim(), scopes: [...chosen], days: days === 0 ? null : days } })),
    onSuccess: (token) => {
      void queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
      onMade(token);
    },
  });
  const ready = name.trim() !== "" && chosen.size > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !make.isPending) make.mutate();
  };
  const turn = (scope: Scope, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(scope);
    else next.delete(scope);
    setChosen(next);
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="md" aria-labelledby="token-title">
      <form onSubmit={submit}>
        <DialogTitle id="token-title">Make a token for a program</DialogTitle>
        <DialogContent sx={{ display: "grid", gap: 4 }}>
          <Box sx={{ display: "flex", gap: 3, marginTop: 2 }}>
            <TextField label="What the program is called" required autoFocus fullWidth value={name} onChange={(event) => { setName(event.target.value); }} slotProps={{ htmlInput: { maxLength: LONGEST_NAME } }} />
            <TextField select label="Good for" value={days} onChange={(event) => { setDays(Number(event.target.value)); }} sx={{ width: 140 }}>
              {LASTS.map(([value, word]) => <MenuItem key={value} value={value}>{word}</MenuItem>)}
            </TextField>
          </Box>
          <Box component="fieldset" sx={{ border: 0, margin: 0, padding: 0 }}>
            <Box component="legend" sx={{ fontSize: 13, fontWeight: 600, marginBottom: 2 }}>It may</Box>
            <Box sx={{ display: "grid", gridTemplateColumns: "1fr 1fr", columnGap: 4 }}>
              {offered.map(([scope, meaning]) => (
                <FormControlLabel key={scope} control={<Checkbox size="small" checked={chosen.has(scope)} onChange={(event) => { turn(scope, event.target.checked); }} />} label={meaning} title={scope} slotProps={{ typography: { variant: "body2" } }} />
              ))}
            </Box>
          </Box>
          {make.error ? <ProblemView error={make.error} /> : null}
        </DialogContent>
        <DialogActions sx={{ padding: 4 }}>
          <Button color="inherit" onClick={onClose}>Leave it</Button>
          <Button type="submit" variant="contained" disabled={!ready || make.isPending}>{make.isPending ? "Making it…" : "Make it"}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
