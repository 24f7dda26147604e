import type { ReadyTask } from "@/api/schema";

import { dueOf, isPast } from "./due-field";
import type { Priority } from "./asked";

/** What the form of a finished film holds. */
export interface Ready {
  film: string;
  filmTold: string;
  captions: string;
  captionsTold: string;
  noCaptions: string;
  title: string;
  description: string;
  tags: string;
  rights: ReadyTask["rights"];
  credit: string;
  /** Whether it is synthetic has to be said; nothing is assumed. */
  synthetic: "" | "yes" | "no";
  due: string;
  priority: Priority;
}

export const EMPTY_READY: Ready = { film: "", filmTold: "", captions: "", captionsTold: "", noCaptions: "", title: "", description: "", tags: "", rights: "own", credit: "", synthetic: "", due: "", priority: "normal" };
export const RIGHTS: readonly (readonly [ReadyTask["rights"], string])[] = [["own", "It is my own work"], ["permission", "Its maker permits it"], ["PD", "Public domain"], ["CC0-1.0", "CC0 1.0"], ["CC-BY", "CC BY"], ["CC-BY-SA", "CC BY-SA"]];
const OWED: ReadonlySet<string> = new Set(["permission", "CC-BY", "CC-BY-SA"]);

export function needsCredit(rights: ReadyTask["rights"]): boolean {
  return OWED.has(rights);
}

/** What is not said yet, in the order of the form. */
export function lackingIn(ready: Ready, channel: string | null): string | null {
  if (channel === null) return "Choose the channel that it was made for, in the bar at the top.";
  if (ready.film === "") return "Send the film.";
  if (ready.captions === "" && ready.noCaptions.trim() === "") return "Send its captions, or say why there are none.";
  if (ready.title.trim() === "" || ready.description.trim() === "") return "Give a title and a description.";
  if (/[<>]/.test(ready.title + ready.description + ready.tags)) return "Leave < and > out of title, description and tags: platforms refuse them.";
  if (needsCredit(ready.rights) && ready.credit.trim() === "") return "Say whose film it is.";
  if (ready.synthetic === "") return "Say whether it is synthetic.";
  return isPast(ready.due) ? "The time to show it has passed." : null;
}

/** What may be said of the next film as well: all but its files and its time. */
export function statedOf({ noCaptions, title, description, tags, rights, credit, synthetic, priority }: Ready): Partial<Ready> {
  return { noCaptions, title, description, tags, rights, credit, synthetic, priority };
}

export function readyOf(ready: Ready, channel: string): ReadyTask {
  const tags = ready.tags.split(",").map((one) => one.trim()).filter((one) => one !== "");
  return {
    kind: "ready", channel, film: ready.film, title: ready.title.trim(), description: ready.description.trim(), tags, rights: ready.rights, credit: ready.credit.trim(), synthetic: ready.synthetic === "yes", priority: ready.priority,
    licence: "youtube", language: "en", ...(ready.captions === "" ? { no_captions: ready.noCaptions.trim() } : { captions: ready.captions }), ...dueOf(ready.due),
  };
}
