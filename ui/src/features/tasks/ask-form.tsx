import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import { ProblemView } from "@/parts/problem-view";
import { toast } from "@/parts/toasts";

import { type Asked, bodyOf, EMPTY, isComplete, wrongSources, wrongText, wrongTopic } from "./asked";
import { PriorityField } from "./priority-field";

type Kind = "sources" | "script";

interface FieldParts {
  kind: Kind;
  asked: Asked;
  onChange: (part: Partial<Asked>) => void;
}

/** One video from sources, or of a finished script. */
export function AskForm({ kind, channel }: { kind: Kind; channel: string | null }) {
  const queries = useQueryClient();
  const [asked, setAsked] = useState(EMPTY);
  const [key, setKey] = useState(onceKey);
  // Sent again as it is, it is the same request; changed, it is another.
  const change = (part: Partial<Asked>) => {
    setAsked({ ...asked, ...part });
    setKey(onceKey());
  };
  const ask = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/tasks", { body: bodyOf(kind, asked, channel), params: { header: { "idempotency-key": key } } })),
    onSuccess: (task) => {
      toast("success", `"${task.what}" is queued.`);
      setAsked(EMPTY);
      setKey(onceKey());
      void queries.invalidateQueries({ queryKey: ["tasks"] });
      void queries.invalidateQueries({ queryKey: ["waiting"] });
    },
  });
  const complete = isComplete(kind, asked);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (complete && !ask.isPending) ask.mutate();
  };
  const wrong = wrongTopic(asked.topic);
  return (
    <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 3 }}>
      {kind === "script" ? <ScriptField kind={kind} asked={asked} onChange={change} /> : null}
      <SourcesField kind={kind} asked={asked} onChange={change} />
      <TextField label="Topic, if you want to name one" value={asked.topic} onChange={(event) => { change({ topic: event.target.value }); }} error={wrong !== null} helperText={wrong} />
      <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
        <PriorityField value={asked.priority} onChange={(priority) => { change({ priority }); }} />
        <Typography variant="caption" color="textSecondary" sx={{ flex: 1 }}>{channel === null ? "Whichever channel has most room makes it." : `Only ${channel} makes it.`}</Typography>
        <Button type="submit" variant="contained" disabled={!complete || ask.isPending}>Ask for it</Button>
      </Box>
      {ask.error ? <ProblemView error={ask.error} /> : null}
    </Box>
  );
}

function ScriptField({ asked, onChange }: FieldParts) {
  const wrong = asked.script === "" ? null : wrongText(asked.script);
  return (
    <>
      <TextField
        label="The script" multiline minRows={4} maxRows={12} value={asked.script} onChange={(event) => { onChange({ script: event.target.value }); }} error={wrong !== null}
        helperText={wrong ?? "`# Title`, `## Headings`, sentences. It is taken word for word and goes on from the review."}
      />
      <FormControlLabel control={<Switch size="small" checked={asked.ownText} onChange={(event) => { onChange({ ownText: event.target.checked }); }} />} label={<Typography variant="body2">It is my own text and needs no sources</Typography>} />
    </>
  );
}

function SourcesField({ kind, asked, onChange }: FieldParts) {
  const wrong = asked.sources === "" ? null : wrongSources(kind, asked);
  return (
    <TextField
      label="Sources, one address a line" multiline minRows={2} maxRows={8} value={asked.sources} onChange={(event) => { onChange({ sources: event.target.value }); }} error={wrong !== null} disabled={kind === "script" && asked.ownText}
      helperText={wrong ?? (kind === "script" ? "What the script stands on" : "The video is made from what these pages say, and cites them")}
    />
  );
}
