import type { ScriptTask, SourcesTask } from "@/api/schema";

import { dueOf, isPast } from "./due-field";

export type Priority = "urgent" | "high" | "normal";

export interface Asked {
  sources: string;
  script: string;
  ownText: boolean;
  topic: string;
  priority: Priority;
  /** As a field of this machine's zone holds it; empty: by the channel's schedule. */
  due: string;
}

export const EMPTY: Asked = { sources: "", script: "", ownText: false, topic: "", priority: "normal", due: "" };

const MOST_SOURCES = 20;
const LONGEST_ADDRESS = 2_000;
const LONGEST_SCRIPT = 20_000;
const SHORTEST_TOPIC = 3;
const LONGEST_TOPIC = 200;
const AN_ADDRESS = /^(https?:\/\/\S+|upload_[0-9a-f]{32})$/;

export function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** What is wrong with the sources, if anything is: a script of one's own needs none. */
export function wrongSources(kind: "sources" | "script", asked: Asked): string | null {
  if (kind === "script" && asked.ownText) return null;
  const found = linesOf(asked.sources);
  if (found.length === 0) return kind === "script" ? "Name what it stands on, or say that it is your own text." : "Name at least one address.";
  if (found.length > MOST_SOURCES) return `${String(found.length)} sources; at most ${String(MOST_SOURCES)} are taken.`;
  const bad = found.find((one) => !AN_ADDRESS.test(one) || one.length > LONGEST_ADDRESS);
  return bad === undefined ? null : `"${bad.slice(0, 60)}" is no address; begin it with https:// and leave no space in it.`;
}

export function wrongText(script: string): string | null {
  if (script.trim() === "") return "Write or paste the script.";
  return script.length > LONGEST_SCRIPT ? `${script.length.toLocaleString("en-US")} characters; at most ${LONGEST_SCRIPT.toLocaleString("en-US")} are taken.` : null;
}

export function wrongTopic(topic: string): string | null {
  const size = topic.trim().length;
  return size === 0 || (size >= SHORTEST_TOPIC && size <= LONGEST_TOPIC) ? null : `A topic has ${String(SHORTEST_TOPIC)} to ${String(LONGEST_TOPIC)} characters.`;
}

export function isComplete(kind: "sources" | "script", asked: Asked): boolean {
  return wrongSources(kind, asked) === null && wrongTopic(asked.topic) === null && !isPast(asked.due) && (kind === "sources" || wrongText(asked.script) === null);
}

export function bodyOf(kind: "sources" | "script", asked: Asked, channel: string | null): SourcesTask | ScriptTask {
  const shared = { priority: asked.priority, topic: asked.topic.trim() || null, ...(channel === null ? {} : { channel }), ...dueOf(asked.due) };
  if (kind === "sources") return { kind, sources: linesOf(asked.sources), ...shared };
  return { kind, script: asked.script, own_text: asked.ownText, sources: asked.ownText ? [] : linesOf(asked.sources), ...shared };
}
