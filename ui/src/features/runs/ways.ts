import type { Lacking } from "@/api/schema";

/** Where in the console something is mended, as a sentence with a link in it: what the service says is said for a command line too. */
export interface Way {
  before: string;
  link: string;
  to: string;
  after: string;
}

const OF_A_CHANNEL: Record<string, readonly [string, string]> = {
  channel_paused: ["Lift its pause on ", ", or leave it out."],
  not_connected: ["Connect it on ", ", or leave it out."],
  consent_ended: ["Let its owner consent again on ", ", or leave it out."],
  consent_too_short: ["Take fewer hours, or let its owner consent again on ", "."],
};
const HEALTH = { link: "Health", to: "/system" };
const ELSEWHERE: Record<string, Way> = {
  queues_unserved: { before: "Whoever runs this server starts its workers; ", ...HEALTH, after: " shows which are there." },
  stack_silent: { before: "Whoever runs this server starts the rest of it; ", ...HEALTH, after: " shows what is there." },
  video_too_dear: { before: "Raise the most that it may spend, or lower what one video may cost, under ", link: "Costs", to: "/costs", after: "." },
  sources_silent: { before: "Look whether this server reaches the network; ", ...HEALTH, after: " shows who answers." },
  channels_taken: { before: "Take other channels, or end that run first, under ", link: "Runs", to: "/runs", after: "." },
  plan_limit_reached: { before: "Take fewer hours, or a larger plan, under ", link: "Billing", to: "/system/billing", after: "." },
};

/** The way to mend it here; null where what the service says of it is enough. */
export function wayOf({ code, channel }: Lacking): Way | null {
  const own = OF_A_CHANNEL[code];
  if (own !== undefined && channel !== null) return { before: own[0], link: `the page of ${channel}`, to: `/channels/${channel}`, after: own[1] };
  return ELSEWHERE[code] ?? null;
}
