import type { VideoRow } from "@/api/schema";

import { type Local, localOf } from "./zoned";

/** A video at the time that the clocks of the zone show for it. */
export interface Placed {
  video: VideoRow;
  at: number;
  local: Local;
  /** Moved here, and not yet so at the service. */
  pending: boolean;
}

/** When it was shown or is to be shown; null: once it is approved. */
export function shownAt({ published_at: published, publish_at: planned }: VideoRow): number | null {
  const told = published ?? planned;
  return told ? Date.parse(told) : null;
}

/** Videos by day, soonest first; what was moved here stands where it was moved to. */
export function placedByDay(items: readonly VideoRow[], held: ReadonlyMap<string, { video: VideoRow; to: number }>, zone: string): ReadonlyMap<string, readonly Placed[]> {
  const days = new Map<string, Placed[]>();
  // What was moved out of the time that is read and back into sight is among those held only.
  const known = new Set(items.map((one) => one.id));
  const all = [...items, ...[...held.values()].map((one) => one.video).filter((one) => !known.has(one.id))];
  for (const video of all) {
    const to = held.get(video.id)?.to;
    const at = to ?? shownAt(video);
    if (at === null) continue;
    const local = localOf(at, zone);
    days.set(local.day, [...(days.get(local.day) ?? []), { video, at, local, pending: to !== undefined }]);
  }
  for (const placed of days.values()) placed.sort((a, b) => a.at - b.at || a.video.id.localeCompare(b.video.id));
  return days;
}

export interface Laned extends Placed {
  lane: number;
  lanes: number;
}

/** Those of one day beside each other where they would cover each other: each is `minutes` tall. */
export function laned(day: readonly Placed[], minutes: number): readonly Laned[] {
  const done: Laned[] = [];
  let group: Laned[] = [];
  let end = -Infinity;
  const close = () => {
    const lanes = Math.max(1, ...group.map((one) => one.lane + 1));
    done.push(...group.map((one) => ({ ...one, lanes })));
    group = [];
  };
  for (const one of day) {
    if (one.local.minutes >= end) close();
    const taken = new Set(group.filter((other) => other.local.minutes + minutes > one.local.minutes).map((other) => other.lane));
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    group.push({ ...one, lane, lanes: 1 });
    end = Math.max(end, one.local.minutes + minutes);
  }
  close();
  return done;
}
