import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import { asProblem } from "@/api/problem";
import { ProblemView } from "@/parts/problem-view";
import { toast } from "@/parts/toasts";
import { count } from "@/parts/words";

import { linesOf, type Priority } from "./asked";
import { dueOf, DueField, isPast } from "./due-field";
import { PriorityField } from "./priority-field";
import { TemplateBar } from "./template-bar";

const MOST = 50;
const SHORTEST = 3;
const LONGEST = 200;

/** What is wrong with topics, if anything is: the service takes all of them or none. */
export function wrongWith(topics: readonly string[]): string | null {
  if (topics.length > MOST) return `${String(topics.length)} topics; at most ${String(MOST)} are taken at once.`;
  const bad = topics.find((one) => one.length < SHORTEST || one.length > LONGEST);
  return bad === undefined ? null : `"${bad.slice(0, 40)}" has ${String(bad.length)} characters; a topic has ${String(SHORTEST)} to ${String(LONGEST)}.`;
}

const OF_A_ROW = /^(?:body\.)?tasks\.(\d+)\.(?:topic\.)?(\w+)$/;

/** What the service said of each row: which line of the text it is, and what is wrong with it. */
export function rowsOf(error: unknown, topics: readonly string[]): readonly { line: number; topic: string; said: string }[] {
  return asProblem(error).errors.flatMap(({ field, message }) => {
    const found = OF_A_ROW.exec(field);
    const at = Number(found?.[1] ?? -1);
    return found === null || topics[at] === undefined ? [] : [{ line: at + 1, topic: topics[at], said: found[2] === "topic" ? message : `${found[2] ?? ""}: ${message}` }];
  });
}

/** Asks for videos about topics, one or many: all of them or none. */
export function InjectForm({ channel }: { channel: string | null }) {
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [priority, setPriority] = useState<Priority>("normal");
  const [due, setDue] = useState("");
  const [key, setKey] = useState(onceKey);
  const topics = linesOf(text);
  const wrong = wrongWith(topics);
  const inject = useMutation({
    mutationFn: () =>
      answerOf(api.POST("/v1/tasks/batch", { body: { tasks: topics.map((topic) => ({ kind: "topic" as const, topic, priority, ...(channel === null ? {} : { channel }), ...dueOf(due) })) }, params: { header: { "idempotency-key": key } } })),
    onSuccess: (answer) => {
      toast("success", `${count(answer.items.length, "task")} queued.`);
      setText("");
      setDue("");
      setKey(onceKey());
      void queries.invalidateQueries({ queryKey: ["tasks"] });
      void queries.invalidateQueries({ queryKey: ["waiting"] });
    },
  });
  // Sent again as it is, it is the same request; changed, it is another, and what was said of it is over.
  const change = (by: () => void) => {
    by();
    setKey(onceKey());
    if (inject.isError) inject.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    inject.mutate();
  };
  return (
    <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 3 }}>
      <TemplateBar kind="topic" value={topics.length === 0 ? null : { text, priority }} onPick={(value) => { change(() => { setText(String(value["text"])); setPriority(value["priority"] as Priority); }); }} />
      <TextField
        label="Topics, one a line" multiline minRows={3} maxRows={10} value={text} onChange={(event) => { change(() => { setText(event.target.value); }); }} error={wrong !== null}
        helperText={wrong ?? (topics.length === 0 ? "Each becomes a task, and a run that is on takes it up." : count(topics.length, "topic"))}
      />
      <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
        <PriorityField value={priority} onChange={(chosen) => { change(() => { setPriority(chosen); }); }} />
        <DueField value={due} onChange={(to) => { change(() => { setDue(to); }); }} />
        <Typography variant="caption" color="textSecondary" sx={{ flex: 1 }}>{channel === null ? "Whichever channel has most room makes them." : `Only ${channel} makes them.`}</Typography>
        <Button type="submit" variant="contained" disabled={topics.length === 0 || wrong !== null || isPast(due) || inject.isPending}>Ask for {topics.length < 2 ? "it" : "them"}</Button>
      </Box>
      {inject.error === null ? null : <Refused error={inject.error} topics={topics} />}
    </Box>
  );
}

function Refused({ error, topics }: { error: unknown; topics: readonly string[] }) {
  const rows = rowsOf(error, topics);
  if (rows.length === 0) return <ProblemView error={error} />;
  return (
    <Box role="alert" sx={{ fontSize: 13, color: "tone.trouble.ink" }}>
      None was taken: mend {rows.length === 1 ? "this line" : "these lines"} and ask again.
      <Box component="ul" sx={{ margin: 0, paddingInlineStart: 5 }}>{rows.map((one) => <li key={`${String(one.line)} ${one.said}`}>Line {one.line}, “{one.topic}”: {one.said}</li>)}</Box>
    </Box>
  );
}
