import type { ChannelView } from "@/api/schema";

/** Whether a channel works, for a chip. */
export function standing(channel: ChannelView): { state: string; word: string } {
  if (channel.paused) return { state: "paused", word: "paused" };
  if (channel.held_until !== null) return { state: "waiting", word: "held" };
  return { state: "ok", word: "working" };
}
