import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { answerOf, api, type Versioned, versionedOf } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { SettingView } from "@/api/schema";
import { LoadingView } from "@/parts/loading-view";
import { ProblemView } from "@/parts/problem-view";
import { toast } from "@/parts/toasts";

const MOST = 100_000;

/** Changes one setting from what it is now; empty lets the environment's hold again. */
export function SettingDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const now = useQuery({ queryKey: ["settings", name], queryFn: ({ signal }) => versionedOf(api.GET("/v1/settings/{name}", { params: { path: { name } }, signal })), staleTime: 0 });
  return (
    <Dialog open onClose={onClose} maxWidth="xs" aria-labelledby="setting-title">
      <DialogTitle id="setting-title">{name}</DialogTitle>
      {now.data === undefined ? <DialogContent>{now.isError ? <ProblemView error={now.error} onRetry={() => void now.refetch()} /> : <LoadingView rows={1} height={56} />}</DialogContent> : (
        <SettingForm now={now.data} onStale={() => void now.refetch()} onClose={onClose} />
      )}
    </Dialog>
  );
}

function SettingForm({ now, onStale, onClose }: { now: Versioned<SettingView>; onStale: () => void; onClose: () => void }) {
  const queries = useQueryClient();
  const { name, value: current } = now.body;
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? String(current ?? "");
  const value = text.trim() === "" ? null : Number(text);
  const good = value === null || (value >= 0 && value <= MOST);
  const set = useMutation({
    mutationFn: () => answerOf(api.PUT("/v1/settings/{name}", { params: { path: { name }, header: { "if-match": now.etag } }, body: { value } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["settings"] });
      toast("success", `${name} is ${value === null ? "what the environment says again" : String(value)}.`);
      onClose();
    },
    onError: (error) => { if (asProblem(error).status === 412) onStale(); },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (good) set.mutate();
  };
  return (
    <form onSubmit={submit}>
      <DialogContent sx={{ display: "grid", gap: 3 }}>
        <TextField
          autoFocus label="Value" value={text} error={!good} onChange={(event) => { setTyped(event.target.value); }} sx={{ marginTop: 2 }} slotProps={{ htmlInput: { inputMode: "decimal" } }}
          helperText={good ? "Empty: what the environment says holds again. It holds at once, and outlives a restart." : `A number from 0 to ${MOST.toLocaleString("en-US")}, or nothing`}
        />
        <Refused error={set.error} now={current} />
      </DialogContent>
      <DialogActions sx={{ padding: 4 }}>
        <Button color="inherit" onClick={onClose}>Leave it</Button>
        <Button type="submit" variant="contained" disabled={!good || typed === null || set.isPending}>{set.isPending ? "Setting it…" : "Set it"}</Button>
      </DialogActions>
    </form>
  );
}

function Refused({ error, now }: { error: Error | null; now: SettingView["value"] }) {
  if (error === null) return null;
  if (asProblem(error).status !== 412) return <ProblemView error={error} />;
  return <Typography variant="body2" role="alert">Somebody changed it meanwhile: it is {String(now ?? "not set")} now. Set yours again, or leave it.</Typography>;
}
