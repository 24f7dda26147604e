import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { type FormEvent, useState } from "react";

import { sendUpload } from "@/api/upload";
import { ProblemView } from "@/parts/problem-view";

import { type Asked, bodyOf, EMPTY, isComplete, linesOf, wrongSources, wrongText, wrongTopic } from "./asked";
import { DueField } from "./due-field";
import { FileButton } from "./file-button";
import { PriorityField } from "./priority-field";
import { TemplateBar } from "./template-bar";
import { useAsk } from "./use-ask";

type Kind = "sources" | "script";

interface FieldParts {
  kind: Kind;
  asked: Asked;
  onChange: (part: Partial<Asked>) => void;
}

/** One video from sources, or of a finished script. */
export function AskForm({ kind, channel }: { kind: Kind; channel: string | null }) {
  const [asked, setAsked] = useState(EMPTY);
  const { ask, changed } = useAsk(() => { setAsked(EMPTY); });
  const change = (part: Partial<Asked>) => {
    setAsked((before) => ({ ...before, ...part }));
    changed();
  };
  const complete = isComplete(kind, asked);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (complete && !ask.isPending) ask.mutate(bodyOf(kind, asked, channel));
  };
  const wrong = wrongTopic(asked.topic);
  return (
    <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 3 }}>
      <TemplateBar kind={kind} value={asked.sources === "" && asked.script === "" ? null : { ...asked, due: "" }} onPick={(value) => { change(value); }} />
      {kind === "script" ? <ScriptField kind={kind} asked={asked} onChange={change} /> : null}
      <SourcesField kind={kind} asked={asked} onChange={change} />
      {kind === "script" && asked.ownText ? null : <FileButton label="Send a document" accept=".txt,.md,.html,.json,.pdf" send={sendUpload} onSent={(one) => { setAsked((before) => ({ ...before, sources: [...linesOf(before.sources), one.id].join("\n") })); changed(); }} />}
      <TextField label="Topic, if you want to name one" value={asked.topic} onChange={(event) => { change({ topic: event.target.value }); }} error={wrong !== null} helperText={wrong} />
      <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
        <PriorityField value={asked.priority} onChange={(priority) => { change({ priority }); }} />
        <DueField value={asked.due} onChange={(due) => { change({ due }); }} />
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
