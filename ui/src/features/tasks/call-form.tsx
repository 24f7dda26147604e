import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import type { AgentTask, ToolTask } from "@/api/schema";
import { ProblemView } from "@/parts/problem-view";
import { QueryView } from "@/parts/query-view";
import { plain } from "@/parts/words";

import type { Priority } from "./asked";
import { beginningOf, fieldsOf, objectOf, type Player, type Schema } from "./call-shape";
import { PriorityField } from "./priority-field";
import { playersQuery } from "./queries";
import { TemplateBar } from "./template-bar";
import { useAsk } from "./use-ask";

interface Parts {
  kind: "agent" | "tool";
  channel: string | null;
}

/** One agent on what it is given, or one call of one tool. */
export function CallForm({ kind, channel }: Parts) {
  const players = useQuery(playersQuery(kind));
  return <QueryView query={players}>{(data) => <Call kind={kind} channel={channel} players={data} />}</QueryView>;
}

function Call({ kind, channel, players }: Parts & { players: readonly Player[] }) {
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [priority, setPriority] = useState<Priority>("normal");
  const { ask, changed } = useAsk(() => { setName(""); setText(""); });
  const player = players.find((one) => one.name === name);
  const given = objectOf(text);
  const homeless = kind === "agent" && channel === null;
  const stays = player === undefined || given === null || homeless || ask.isPending;
  const pick = (to: string) => {
    setName(to);
    setText(beginningOf(players.find((one) => one.name === to)?.takes));
    changed();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (given !== null && !stays) ask.mutate(taskOf(kind, name, given, { priority, ...(channel === null ? {} : { channel }) }));
  };
  return (
    <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 3 }}>
      <TemplateBar kind={kind} value={player === undefined || given === null ? null : { name, text }} onPick={(value) => { setName(String(value["name"])); setText(String(value["text"])); changed(); }} />
      <TextField select label={kind === "agent" ? "Which agent" : "Which tool"} value={name} onChange={(event) => { pick(event.target.value); }} sx={{ maxWidth: 320 }}>
        {players.map((one) => <MenuItem key={one.name} value={one.name}>{plain(one.name)}</MenuItem>)}
      </TextField>
      {player === undefined ? null : <Given kind={kind} takes={player.takes} text={text} homeless={homeless} onChange={(to) => { setText(to); changed(); }} />}
      <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
        <PriorityField value={priority} onChange={(to) => { setPriority(to); changed(); }} />
        <Typography variant="caption" color="textSecondary" sx={{ flex: 1 }}>{kind === "agent" ? "It is asked alone; what comes of it is on the task's page." : "The tool is called once; its result is on the task's page."}</Typography>
        <Button type="submit" variant="contained" disabled={stays}>Ask for it</Button>
      </Box>
      {ask.error ? <ProblemView error={ask.error} /> : null}
    </Box>
  );
}

function taskOf(kind: Parts["kind"], name: string, given: Record<string, unknown>, shared: { priority: Priority; channel?: string }): AgentTask | ToolTask {
  return kind === "tool" ? { kind, tool: name, args: given, ...shared } : { kind, agent: name, input: given, ...shared };
}

function Given({ kind, takes, text, homeless, onChange }: { kind: Parts["kind"]; takes: Schema; text: string; homeless: boolean; onChange: (text: string) => void }) {
  const wrong = objectOf(text) === null;
  return (
    <>
      <TextField
        label={kind === "agent" ? "What it is given, as JSON" : "Its arguments, as JSON"} multiline minRows={4} maxRows={14} value={text} onChange={(event) => { onChange(event.target.value); }} error={wrong}
        helperText={wrong ? "This is no JSON object yet" : fieldsOf(takes)} slotProps={{ htmlInput: { spellCheck: false, style: { fontFamily: "ui-monospace, monospace", fontSize: 13 } } }}
      />
      {homeless ? <Typography variant="body2" color="error">An agent works as a channel: choose one in the bar at the top.</Typography> : null}
    </>
  );
}
