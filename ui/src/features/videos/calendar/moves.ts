import type { QueryClient } from "@tanstack/react-query";
import { create } from "zustand";

import { answerOf, api, type Versioned, versionedOf } from "@/api/client";
import { asProblem, Problem } from "@/api/problem";
import type { VideoRow, VideoView } from "@/api/schema";
import { toast } from "@/parts/toasts";

/** Times that videos were moved to here: held for a moment, in which they can be taken back, then sent once. */

export const holding = { ms: 6_000 };
const CHANGED = "Somebody changed it meanwhile. What you see is how it is now: move it again.";

interface Held {
  video: VideoRow;
  to: number;
  /** Of what the move is based on; empty while that is read. */
  etag: string;
}

interface Moves {
  held: ReadonlyMap<string, Held>;
  /** Why a video is where it was. */
  refused: ReadonlyMap<string, string>;
}

export const useMoves = create<Moves>()(() => ({ held: new Map(), refused: new Map() }));
const timers = new Map<string, { timer: ReturnType<typeof setTimeout>; queries: QueryClient }>();

/** Where a video stands as it is picked up, with the version that a move is based on. */
export function readForMove(id: string): Promise<Versioned<VideoView>> {
  return versionedOf(api.GET("/v1/videos/{video_id}", { params: { path: { video_id: id } } }));
}

/** What moving it does, by where it stands. */
export function effectOf({ status }: VideoView): string {
  return status === "scheduled" ? "Its platform is told the new time; its approval stays as it is." : "It is listed for the new time and asked about anew.";
}

/** Have it moved, on the version that was looked at; throws a Problem with why it stays, in words for whoever moves it. */
export async function sendMove(id: string, to: number, etag: string): Promise<VideoView> {
  const params = { path: { video_id: id }, header: { "if-match": etag } };
  try {
    return await answerOf(api.PATCH("/v1/videos/{video_id}", { params, body: { publish_at: new Date(to).toISOString() }, keepalive: true }));
  } catch (error) {
    const { status, message, details } = asProblem(error);
    throw new Problem(status, { ...details, detail: status === 412 ? CHANGED : message.replace(/^publish_at: /, "") }, message);
  }
}

export interface Move {
  video: VideoRow;
  to: number;
  /** What the new time is called. */
  words: string;
}

/** Move it in a moment, unless it cannot be moved: then it is told why, and nothing is sent. */
export async function move(queries: QueryClient, { video, to, words }: Move, picked: Promise<Versioned<VideoView>>): Promise<void> {
  forgetRefusal(video.id);
  if (to <= Date.now()) {
    refuse(video.id, `${words} has passed. Drop it on a time to come.`);
    return;
  }
  hold(video, to, "");
  try {
    const { body, etag } = await picked;
    if (body.why_fixed !== "") {
      drop(video.id);
      refuse(video.id, `Its time cannot be moved: ${body.why_fixed}.`);
      return;
    }
    hold(video, to, etag);
    timers.set(video.id, { timer: setTimeout(() => void send(video.id), holding.ms), queries });
    toast("info", `"${video.title || video.topic}" moves to ${words}. ${effectOf(body)}`, { label: "Undo", run: () => { undoOrSay(video.id); } });
  } catch (error) {
    drop(video.id);
    refuse(video.id, asProblem(error).message);
  }
}

/** Take a move back that was not sent; of none named, the newest. */
export function undo(id = [...timers.keys()].at(-1)): boolean {
  const waiting = id === undefined ? undefined : timers.get(id);
  if (id === undefined || waiting === undefined) return false;
  clearTimeout(waiting.timer);
  timers.delete(id);
  drop(id);
  return true;
}

function undoOrSay(id: string): void {
  if (!undo(id)) toast("info", "It is on its way already. Move it back once it is there.");
}

/** What was moved is sent when the page goes away: the person has said it. */
export function sendAllHeld(): void {
  for (const id of [...timers.keys()]) void send(id);
}

async function send(id: string): Promise<void> {
  const one = useMoves.getState().held.get(id);
  const waiting = timers.get(id);
  if (one === undefined || waiting === undefined) return;
  clearTimeout(waiting.timer);
  timers.delete(id);
  let why = "";
  try {
    const { moving } = await sendMove(id, one.to, one.etag);
    if (moving) toast("info", "YouTube takes its time. The calendar shows the new time once it is there.");
  } catch (error) {
    why = asProblem(error).message;
  } finally {
    await waiting.queries.invalidateQueries({ queryKey: ["videos"] }).catch(() => undefined);
    drop(id);
    if (why !== "") refuse(id, why); // told where it is put back
  }
}

function hold(video: VideoRow, to: number, etag: string): void {
  useMoves.setState(({ held }) => ({ held: new Map(held).set(video.id, { video, to, etag }) }));
}

function drop(id: string): void {
  useMoves.setState(({ held }) => ({ held: new Map([...held].filter(([one]) => one !== id)) }));
}

function refuse(id: string, why: string): void {
  useMoves.setState(({ refused }) => ({ refused: new Map(refused).set(id, why) }));
}

export function forgetRefusal(id: string): void {
  useMoves.setState(({ refused }) => ({ refused: new Map([...refused].filter(([one]) => one !== id)) }));
}
