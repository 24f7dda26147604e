/** What the service says over a socket (docs/events.md). */

export interface LiveEvent {
  type: "event";
  id: number;
  at: string;
  kind: string;
  subject: string;
  channel: string | null;
  run: string | null;
  alert: boolean;
  data: Record<string, unknown>;
}

export type Heard =
  | { type: "ready"; last: number; heartbeat_s: number }
  | LiveEvent
  | { type: "resync"; why: string; last: number }
  | { type: "heartbeat"; last: number }
  | { type: "error"; code: string; detail: string }
  | { type: "other" };

/** Read a message; whatever is not understood is `other`, so that a newer service may say more. */
export function read(text: unknown): Heard {
  if (typeof text !== "string") return { type: "other" };
  try {
    const told = JSON.parse(text) as { type?: string };
    return ["ready", "event", "resync", "heartbeat", "error"].includes(told.type ?? "") ? (told as Heard) : { type: "other" };
  } catch {
    return { type: "other" };
  }
}
