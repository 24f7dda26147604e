import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router-dom";

import type { TaskDetail } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { Icon } from "@/parts/icon";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { useShortcuts } from "@/parts/shortcuts";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { count, plain } from "@/parts/words";
import { useSession } from "@/session/session-store";

import { taskQuery } from "./queries";
import { CAN_BE_CANCELLED, CAN_BE_REPLAYED, useTurn } from "./use-turn";

const POLL_MS = 5_000;

/** One task: what was asked, what serves it, and how far that is. */
export default function TaskPage() {
  const { id = "" } = useParams();
  const task = useQuery({ ...taskQuery(id), refetchInterval: usePoll(POLL_MS) });
  return <QueryView query={task} loading={<Page title="A task"><LoadingView rows={4} height={72} /></Page>}>{(data) => <Task task={data} />}</QueryView>;
}

function Task({ task }: { task: TaskDetail }) {
  return (
    <Page title={task.what} actions={<Turn task={task} />}>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 4, alignItems: "center", fontSize: 13, color: "text.secondary" }}>
        <StateChip state={task.status} />
        <span>{plain(task.kind)}, {task.priority}</span>
        <span>{task.channel ?? "whichever channel has most room"}</span>
        <span>asked <When at={task.created_at} /></span>
        {task.due_at === null ? null : <span>due <When at={task.due_at} /></span>}
        {task.finished_at === null ? null : <span>ended <When at={task.finished_at} /></span>}
        {task.run === null ? null : <Button component={Link} to={`/runs/${task.run}`} startIcon={<Icon name="run" />}>Its run</Button>}
      </Box>
      {task.reason ? <Typography variant="body2">{task.reason}</Typography> : null}
      <Panel title="How far it is">
        <Box sx={{ display: "grid", gap: 4 }}>
          {task.slots.map((one) => <Slot key={one.slot} slot={one} />)}
          {task.job === null ? null : <Job job={task.job} />}
          {task.slots.length === 0 && task.job === null ? <EmptyView icon="clock" title="Nothing serves it yet" action={<Button component={Link} to="/runs/start" variant="outlined">Start an autonomous run</Button>}>A run that is on takes it up at its next wake-up; without one it waits.</EmptyView> : null}
        </Box>
      </Panel>
      {task.result === null ? null : <Panel title="What came of it"><Written name="What came of it" value={task.result} /></Panel>}
      <Panel title="What was asked"><Written name="What was asked" value={task.payload} /></Panel>
    </Page>
  );
}

function Turn({ task }: { task: TaskDetail }) {
  const may = useSession((session) => session.permissions.has("tasks:cancel"));
  const turn = useTurn();
  const back = may && (CAN_BE_CANCELLED.has(task.status) || (task.status === "running" && task.job !== null));
  const again = may && CAN_BE_REPLAYED.has(task.status);
  useShortcuts("Task", back || again ? [{ keys: "x", does: back ? "take it back" : "do it again", run: () => { turn.mutate({ id: task.id, back }); } }] : []);
  if (!back && !again) return null;
  return <Button variant="outlined" color={back ? "error" : "primary"} disabled={turn.isPending} onClick={() => { turn.mutate({ id: task.id, back }); }}>{back ? "Take it back" : "Do it again"}</Button>;
}

function Slot({ slot }: { slot: TaskDetail["slots"][number] }) {
  const part = slot.jobs === 0 ? 0 : (slot.jobs_done / slot.jobs) * 100;
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <Box sx={{ display: "flex", gap: 3, alignItems: "center", fontSize: 13 }}>
        <StateChip state={slot.production_status ?? slot.status} />
        <span>{slot.channel}, to be shown <When at={slot.publish_at} /></span>
        <Box component="span" sx={{ flex: 1, color: "text.secondary" }}>{slot.note}</Box>
        {slot.production === null ? <Box component="span" sx={{ color: "text.secondary" }}>begins <When at={slot.launch_at} /></Box> : <Link to={`/runs/${slot.production}`} style={{ color: "inherit" }}>its production</Link>}
      </Box>
      <Progress name={`Jobs of ${slot.channel}`} part={part} words={slot.jobs === 0 ? "no job yet" : `${String(slot.jobs_done)} of ${count(slot.jobs, "job")}`} />
    </Box>
  );
}

function Job({ job }: { job: NonNullable<TaskDetail["job"]> }) {
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <Box sx={{ display: "flex", gap: 3, alignItems: "center", fontSize: 13 }}>
        <StateChip state={job.state} />
        <span>{plain(job.tool)}</span>
        <Box component="span" sx={{ flex: 1, color: "text.secondary" }}>{job.error?.message ?? job.note}</Box>
        {job.attempts > 1 ? <span>{count(job.attempts, "attempt")}</span> : null}
      </Box>
      <Progress name={plain(job.tool)} part={job.progress * 100} words={`${String(Math.round(job.progress * 100))}%`} />
      {job.result === null ? null : <Written name="What it gave" value={job.result} />}
    </Box>
  );
}

function Progress({ name, part, words }: { name: string; part: number; words: string }) {
  return (
    <Box sx={{ display: "grid", gridTemplateColumns: "1fr 96px", gap: 3, alignItems: "center" }}>
      <LinearProgress variant="determinate" value={part} aria-label={name} sx={{ borderRadius: 1, height: 6 }} />
      <Box component="span" sx={{ fontSize: 12, color: "text.secondary", textAlign: "end" }}>{words}</Box>
    </Box>
  );
}

function Written({ name, value }: { name: string; value: unknown }) {
  return <Box component="pre" tabIndex={0} aria-label={name} sx={{ margin: 0, maxHeight: 360, overflow: "auto", fontSize: 12, lineHeight: 1.5, whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{JSON.stringify(value, null, 2)}</Box>;
}
