import type { VideoRow } from "@/api/schema";
import type { IconName } from "@/parts/icon";
import { toneOf } from "@/parts/state-chip";
import { plain } from "@/parts/words";
import type { Tone } from "@/theme/tokens";

/** How a card tells what it is: an icon, a word and the line around it; the colour only says it again. */
export interface Look {
  icon: IconName;
  word: string;
  line: "solid" | "dashed" | "dotted" | "double";
  tone: Tone;
}

const LOOKS: Partial<Record<VideoRow["status"], Pick<Look, "icon" | "word" | "line">>> = {
  published: { icon: "check", word: "published", line: "solid" },
  scheduled: { icon: "clock", word: "scheduled", line: "double" },
  publishing: { icon: "out", word: "going out", line: "double" },
  waiting_for_video: { icon: "hand", word: "waits", line: "dashed" },
  waiting_for_script: { icon: "hand", word: "script waits", line: "dashed" },
  making: { icon: "run", word: "being made", line: "dashed" },
  paused: { icon: "pause", word: "paused", line: "dashed" },
  stopping: { icon: "stop", word: "stopping", line: "dashed" },
};

export function lookOf(status: VideoRow["status"]): Look {
  return { tone: toneOf(status), ...(LOOKS[status] ?? { icon: status === "failed" || status === "stuck" ? "alarm" : "cross", word: plain(status), line: "dotted" }) };
}
