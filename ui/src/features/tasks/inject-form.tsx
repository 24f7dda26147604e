import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import { ProblemView } from "@/parts/problem-view";
import { toast } from "@/parts/toasts";
import { count } from "@/parts/words";

import { linesOf, type Priority } from "./asked";
import { PriorityField } from "./priority-field";

const MOST = 50;
const SHORTEST = 3;
const LONGEST = 200;

/** What is wrong with topics, if anything is: the service takes all of them or none. */
export function wrongWith(topics: readonly string[]): string | null {
  if (topics.length > MOST) return `${String(topics.length)} topics; at most ${String(MOST)} are taken at once.`;
  const bad = topics.find((one) => one.length < SHORTEST || one.length > LONGEST);
  return bad === undefined ? null : `"${bad.slice(0, 40)}" has ${String(bad.length)} characters; a topic has ${String(SHORTEST)} to ${String(LONGEST)}.`;
}

/** Asks for videos about topics, one or many. */
export function InjectForm({ channel }: { channel: string | null }) {
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [priority, setPriority] = useState<Priority>("normal");
  const [key, setKey] = useState(onceKey);
  const topics = linesOf(text);
  const wrong = wrongWith(topics);
  const inject = useMutation({
    mutationFn: () =>
      answerOf(api.POST("/v1/tasks/batch", { body: { tasks: topics.map((topic) => ({ kind: "topic" as const, topic, priority, ...(channel === null ? {} : { channel }) })) }, params: { header: { "idempotency-key": key } } })),
    onSuccess: (answer) => {
      toast("success", `${count(answer.items.length, "task")} queued.`);
      setText("");
      setKey(onceKey());
      void queries.invalidateQueries({ queryKey: ["tasks"] });
      void queries.invalidateQueries({ queryKey: ["waiting"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    inject.mutate();
  };
  return (
    <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 3 }}>
      <TextField
        label="Topics, one a line" multiline minRows={3} maxRows={10} value={text} onChange={(event) => { setText(event.target.value); setKey(onceKey()); }} error={wrong !== null}
        helperText={wrong ?? (topics.length === 0 ? "Each becomes a task, and a run that is on takes it up." : count(topics.length, "topic"))}
      />
      <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
        <PriorityField value={priority} onChange={(chosen) => { setPriority(chosen); setKey(onceKey()); }} />
        <Typography variant="caption" color="textSecondary" sx={{ flex: 1 }}>{channel === null ? "Whichever channel has most room makes them." : `Only ${channel} makes them.`}</Typography>
        <Button type="submit" variant="contained" disabled={topics.length === 0 || wrong !== null || inject.isPending}>Ask for {topics.length < 2 ? "it" : "them"}</Button>
      </Box>
      {inject.error ? <ProblemView error={inject.error} /> : null}
    </Box>
  );
}
