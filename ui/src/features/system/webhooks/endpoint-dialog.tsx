import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { answerOf, api, type Versioned } from "@/api/client";
import type { EndpointSecret, EndpointView } from "@/api/schema";
import { ProblemView } from "@/parts/problem-view";
import { toast } from "@/parts/toasts";

import { kindsOf } from "./standing";

const OFTEN = ["approval", "publication", "incident", "run", "task", "message", "*"];

/** Adds an address that wants to be told of events. */
export function EndpointDialog({ onDone, onClose }: { onDone: (made: EndpointSecret) => void; onClose: () => void }) {
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: (wanted: Wanted) => answerOf(api.POST("/v1/webhook-endpoints", { body: wanted })),
    onSuccess: (made) => { void queries.invalidateQueries({ queryKey: ["webhooks"] }); onDone(made); },
  });
  return <EndpointForm title="Add an address" action="Add it" busy={add.isPending} error={add.error} onWanted={add.mutate} onClose={onClose} />;
}

/** Changes one from what was seen. */
export function EditDialog({ now, onClose }: { now: Versioned<EndpointView>; onClose: () => void }) {
  const queries = useQueryClient();
  const edit = useMutation({
    mutationFn: (wanted: Wanted) => answerOf(api.PATCH("/v1/webhook-endpoints/{endpoint_id}", { params: { path: { endpoint_id: now.body.id }, header: { "if-match": now.etag } }, body: wanted })),
    onSuccess: () => { toast("success", "The address is changed; what is on its way goes to the new one."); onClose(); },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["webhooks"] }),
  });
  return <EndpointForm title="Change the address" action="Change it" from={now.body} busy={edit.isPending} error={edit.error} onWanted={edit.mutate} onClose={onClose} />;
}

interface Wanted {
  url: string;
  kinds: string[];
  note: string;
}

interface Parts {
  title: string;
  action: string;
  from?: EndpointView;
  busy: boolean;
  error: Error | null;
  onWanted: (wanted: Wanted) => void;
  onClose: () => void;
}

function EndpointForm({ title, action, from, busy, error, onWanted, onClose }: Parts) {
  const [url, setUrl] = useState(from?.url ?? "");
  const [text, setText] = useState(from?.kinds.join(", ") ?? "approval, incident");
  const [note, setNote] = useState(from?.note ?? "");
  const kinds = kindsOf(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (kinds !== undefined && url.trim() !== "" && !busy) onWanted({ url: url.trim(), kinds, note: note.trim() });
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="endpoint-title">
      <form onSubmit={submit}>
        <DialogTitle id="endpoint-title">{title}</DialogTitle>
        <DialogContent sx={{ display: "grid", gap: 4 }}>
          <TextField label="Address" required autoFocus value={url} onChange={(event) => { setUrl(event.target.value); }} helperText="A public https:// address, or one that YTEMPIRE_WEBHOOK_PRIVATE names" sx={{ marginTop: 2 }} slotProps={{ htmlInput: { maxLength: 2000, inputMode: "url", spellCheck: false } }} />
          <TextField label="What it is told of" required value={text} error={kinds === undefined} onChange={(event) => { setText(event.target.value); }} helperText="Nouns such as approval, kinds such as approval.pending, or * for everything; commas between" />
          <Box sx={{ display: "flex", gap: 2, flexWrap: "wrap" }}>
            {OFTEN.map((one) => <Chip key={one} size="small" variant="outlined" label={one === "*" ? "* everything" : one} onClick={() => { setText(one === "*" ? one : [...(kinds ?? []).filter((kind) => kind !== "*" && kind !== one), one].join(", ")); }} />)}
          </Box>
          <TextField label="Note" value={note} onChange={(event) => { setNote(event.target.value); }} helperText="Whose it is, or what for" slotProps={{ htmlInput: { maxLength: 200 } }} />
          {error ? <ProblemView error={error} /> : null}
        </DialogContent>
        <DialogActions sx={{ padding: 4 }}>
          <Button color="inherit" onClick={onClose}>Leave it</Button>
          <Button type="submit" variant="contained" disabled={kinds === undefined || url.trim() === "" || busy}>{busy ? "One moment…" : action}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
