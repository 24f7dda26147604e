import type { RunEvent } from "@/api/schema";
import { count, dayAndHour, plain } from "@/parts/words";
import type { Tone } from "@/theme/tokens";

interface Saying {
  word: string;
  tone: Tone;
}

/** What each event of a log means to an operator. What is not named here is told by its own name. */
const SAID: Record<string, Saying> = {
  "run.started": { word: "started", tone: "running" },
  "run.planned": { word: "planned", tone: "idle" },
  "run.waiting": { word: "waits for a decision", tone: "waiting" },
  "run.published": { word: "published", tone: "good" },
  "run.refused": { word: "refused by a check", tone: "trouble" },
  "run.rejected": { word: "rejected by a person", tone: "trouble" },
  "run.failed": { word: "failed", tone: "trouble" },
  "run.stopped": { word: "stopped by trouble", tone: "trouble" },
  "run.paused": { word: "paused by a person", tone: "waiting" },
  "run.stop_wanted": { word: "somebody wants it to end", tone: "waiting" },
  "run.stopping": { word: "is ending", tone: "waiting" },
  "run.held_back": { word: "held back", tone: "waiting" },
  "run.recovering": { word: "taken up again", tone: "good" },
  "run.recovered": { word: "recovered: another process took over", tone: "good" },
  "run.resumed": { word: "goes on", tone: "good" },
  "run.given_up": { word: "given up, left to a person", tone: "trouble" },
  "run.reported": { word: "reported", tone: "idle" },
  "run.ended": { word: "ended", tone: "idle" },
  "task.joined": { word: "took a task in", tone: "idle" },
  "job.failed": { word: "a job failed", tone: "trouble" },
  "job.reclaimed": { word: "a job was taken back from a dead worker", tone: "good" },
  "job.readmitted": { word: "a job was let in again", tone: "good" },
  "job.released": { word: "a worker gave a job back", tone: "good" },
  "job.resent": { word: "a lost job was sent again", tone: "good" },
  "job.replayed": { word: "a dead job was queued again", tone: "good" },
  "slot.launched": { word: "a video was begun", tone: "running" },
  "slot.published": { word: "a video was published", tone: "good" },
  "slot.retried": { word: "tried again on another topic", tone: "good" },
  "slot.asked": { word: "a late video waits for your word", tone: "waiting" },
  "slot.caught_up": { word: "a missed time was caught up", tone: "good" },
  "slot.missed": { word: "a time was missed", tone: "trouble" },
  "slot.dropped": { word: "a time was dropped", tone: "trouble" },
  "slot.failed": { word: "a video failed", tone: "trouble" },
};
const TOLD_FIRST = ["message", "reason", "why", "note", "reasons", "title"];
const NOT_TOLD = new Set(["slot", "task", "run", "production", "approval"]);
const LONGEST = 240;
const A_TIME = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

export function sayingOf(event: RunEvent): Saying {
  return SAID[event.kind] ?? { word: plain(event.kind.replace(".", ": ")), tone: "idle" };
}

/** The rest of an event in one line: its reasons when it has some, otherwise its plain fields. */
export function detailOf(event: RunEvent): string {
  const told = TOLD_FIRST.map((name) => flat(event.payload[name])).find((one) => one !== "");
  const rest = Object.entries(event.payload).filter(([name]) => !TOLD_FIRST.includes(name) && !NOT_TOLD.has(name)).map(([name, value]) => [name, flat(value)] as const).filter(([, value]) => value !== "").map(([name, value]) => `${plain(name)} ${value}`);
  const all = [told, ...rest].filter((one) => one !== undefined).join("; ");
  return all.length > LONGEST ? `${all.slice(0, LONGEST)}…` : all;
}

function flat(value: unknown): string {
  if (typeof value === "string") return A_TIME.test(value) ? dayAndHour(value) : value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (!Array.isArray(value)) return "";
  if (value.every((one) => typeof one === "string")) return value.join("; ");
  return value.length === 0 ? "" : count(value.length, "entry", "entries");
}

const STATES: Record<string, Tone> = { queued: "idle", dispatched: "idle", running: "running", done: "good", dead: "trouble", quarantined: "trouble", cancelled: "idle", planned: "idle", launched: "running", asked: "waiting", published: "good", missed: "trouble", skipped: "idle", failed: "trouble", planning: "running", paused: "waiting", stopping: "waiting", ended: "idle", waiting: "waiting", refused: "trouble", rejected: "trouble" };

export function toneOfState(state: string): Tone {
  return STATES[state] ?? "idle";
}
