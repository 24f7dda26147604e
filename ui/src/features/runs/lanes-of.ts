import type { RunEvent, RunView, SlotView, Trace, TraceJob } from "@/api/schema";
import { count, duration, plain } from "@/parts/words";
import type { Tone } from "@/theme/tokens";

import { sayingOf, toneOfState } from "./words";

/** One thing that took time: it waited from `asked` to `from`, and worked until `to`. Times are milliseconds. */
export interface Bar {
  id: string;
  asked: number;
  from: number;
  to: number;
  tone: Tone;
  label: string;
  attempts: number;
  row: number;
}

export interface Mark {
  id: string;
  at: number;
  tone: Tone;
  label: string;
  shape: "event" | "decision";
}

export interface Lane {
  id: string;
  group: "agent" | "queue" | "channel" | "log";
  name: string;
  bars: Bar[];
  marks: Mark[];
  rows: number;
}

const IN_QUEUE = new Set(["queued", "dispatched"]);

function ms(at: string): number {
  return new Date(at).getTime();
}

export function barOf(job: TraceJob, now: number): Bar {
  const asked = ms(job.created_at);
  const end = job.finished_at === null ? now : ms(job.finished_at);
  const from = job.started_at === null ? end : Math.max(asked, ms(job.started_at));
  const waited = duration((from - asked) / 1000);
  const tries = job.attempts > 1 ? `, ${count(job.attempts, "attempt")}` : "";
  const worked = IN_QUEUE.has(job.state) ? `waiting for ${waited}` : `waited ${waited}, worked ${duration((end - from) / 1000)}`;
  return { id: `job:${job.id}`, asked, from, to: Math.max(end, from), tone: toneOfState(job.state), label: `${plain(job.tool)}, ${plain(job.state)}: ${worked}${tries}`, attempts: job.attempts, row: 0 };
}

/** Bars that overlap stand below each other; each keeps the highest row that is free. */
export function stacked(bars: Bar[]): { bars: Bar[]; rows: number } {
  const ends: number[] = [];
  const placed = [...bars].sort((one, other) => one.asked - other.asked || one.from - other.from).map((bar) => {
    const free = ends.findIndex((end) => end <= bar.asked);
    const row = free === -1 ? ends.length : free;
    ends[row] = bar.to;
    return { ...bar, row };
  });
  return { bars: placed, rows: Math.max(1, ends.length) };
}

function lane(group: Lane["group"], name: string, bars: Bar[], marks: Mark[] = []): Lane {
  return { id: `${group}:${name}`, group, name, marks, ...stacked(bars) };
}

function grouped<T>(items: readonly T[], by: (item: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(by(item), [...(found.get(by(item)) ?? []), item]);
  return found;
}

/** What happened to the run itself: one lane of marks, so that faults and recoveries stand above the work that they met. */
export function logLane(log: readonly RunEvent[]): Lane {
  const marks = log.map((one): Mark => ({ id: `event:${String(one.seq)}`, at: ms(one.at), tone: sayingOf(one).tone, label: sayingOf(one).word, shape: "event" }));
  return lane("log", "what happened", [], marks);
}

/** A lane for each agent, with its decisions, and one for each queue. */
export function traceLanes(traces: readonly Trace[], now: number): Lane[] {
  const jobs = traces.flatMap((one) => one.jobs);
  const decisions = traces.flatMap((one) => one.decisions);
  const byAgent = grouped(jobs, (job) => job.agent);
  const chosen = grouped(decisions.map((one, at) => ({ one, at })), ({ one }) => one.agent);
  const agents = [...new Set([...byAgent.keys(), ...chosen.keys()])].map((agent) => {
    const marks = (chosen.get(agent) ?? []).map(({ one, at }): Mark => ({ id: `decision:${String(at)}`, at: ms(one.created_at), tone: "running", label: `decided: ${questionOf(one.decision)}`, shape: "decision" }));
    return lane("agent", plain(agent), (byAgent.get(agent) ?? []).map((job) => barOf(job, now)), marks);
  });
  const queues = [...grouped(jobs, (job) => job.queue)].map(([queue, mine]) => lane("queue", queue, mine.map((job) => barOf(job, now))));
  return [...agents, ...queues.sort((one, other) => one.name.localeCompare(other.name))];
}

function questionOf(decision: Record<string, unknown>): string {
  return typeof decision["question"] === "string" ? decision["question"] : "something";
}

/** A lane for each channel of an autonomous run: productions as bars, the times of its plan as marks. */
export function channelLanes(slots: readonly SlotView[], runs: readonly RunView[], now: number): Lane[] {
  const channels = [...new Set([...slots.map((one) => one.channel), ...runs.map((one) => one.channel)])].sort();
  return channels.map((channel) => {
    const bars = runs.filter((one) => one.channel === channel).map((one): Bar => {
      const asked = ms(one.created_at);
      const from = one.started_at === null ? asked : ms(one.started_at);
      const to = one.finished_at === null ? Math.max(now, from) : ms(one.finished_at);
      return { id: `run:${one.id}`, asked, from, to, tone: toneOfState(one.status), label: `${one.title || one.topic || "a video"}, ${plain(one.status)}: ${duration((to - from) / 1000)}`, attempts: 1, row: 0 };
    });
    const marks = slots.filter((one) => one.channel === channel).map((one): Mark => ({ id: `slot:${one.slot}`, at: ms(one.publish_at), tone: toneOfState(one.status), label: `${one.title || "a video"} is to be shown, ${plain(one.status)}`, shape: "decision" }));
    return lane("channel", channel, bars, marks);
  });
}

/** From the first to the last that is to be seen, with a little room. */
export function spanOf(lanes: readonly Lane[], more: readonly number[] = []): [number, number] {
  const times = [...more, ...lanes.flatMap((one) => [...one.bars.flatMap((bar) => [bar.asked, bar.to]), ...one.marks.map((mark) => mark.at)])];
  if (times.length === 0) return [0, 1];
  const first = Math.min(...times);
  const last = Math.max(...times);
  const room = Math.max(500, (last - first) * 0.015);
  return [first - room, last + room];
}

/** Every thing that can be picked, in the order of time: what `j` and `k` go through. */
export function inOrder(lanes: readonly Lane[]): string[] {
  const all = lanes.filter((one) => one.group !== "queue").flatMap((one) => [...one.bars.map((bar) => ({ id: bar.id, at: bar.asked })), ...one.marks.map((mark) => ({ id: mark.id, at: mark.at }))]);
  return all.sort((one, other) => one.at - other.at).map((one) => one.id);
}
