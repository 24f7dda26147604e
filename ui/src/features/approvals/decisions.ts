import type { QueryClient } from "@tanstack/react-query";
import { create } from "zustand";

import { answerOf, api, onceKey } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { Answer, ApprovalView } from "@/api/schema";
import { toast } from "@/parts/toasts";

/** Decisions that were made here: held for a moment, in which they can be taken back, then sent once. */

export const HELD_MS = 5_000;

interface Held {
  approval: Pick<ApprovalView, "id" | "title" | "topic">;
  answer: Answer;
  until: number;
  key: string;
}

interface Decisions {
  held: ReadonlyMap<string, Held>;
  sending: ReadonlySet<string>;
  refused: ReadonlyMap<string, Problem>;
  /** What was decided here and taken by the service. */
  done: ReadonlySet<string>;
  /** What another tab of this browser holds. */
  elsewhere: ReadonlySet<string>;
}

export const useDecisions = create<Decisions>()(() => ({ held: new Map(), sending: new Set(), refused: new Map(), done: new Set(), elsewhere: new Set() }));
const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("ytempire-decisions");
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const clients = new Map<string, QueryClient>();

tabs?.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  const { id, held } = (typeof data === "object" && data !== null ? data : {}) as { id?: unknown; held?: unknown };
  if (typeof id !== "string") return;
  useDecisions.setState(({ elsewhere }) => {
    const next = new Set(elsewhere);
    if (held === true) next.add(id);
    else next.delete(id);
    return { elsewhere: next };
  });
});

/** Whether it is being decided, here or in another tab. */
export function isBeingDecided({ held, sending, elsewhere }: Pick<Decisions, "held" | "sending" | "elsewhere">, id: string): boolean {
  return held.has(id) || sending.has(id) || elsewhere.has(id);
}

/** Decide in a moment; `undo` within it takes it back as if it had never been. */
export function hold(queries: QueryClient, approval: Held["approval"], answer: Answer): void {
  const { held, refused } = useDecisions.getState();
  const next = new Map(held).set(approval.id, { approval, answer, until: Date.now() + HELD_MS, key: onceKey() });
  const clean = new Map(refused);
  clean.delete(approval.id);
  useDecisions.setState({ held: next, refused: clean });
  tabs?.postMessage({ id: approval.id, held: true });
  clients.set(approval.id, queries);
  clearTimeout(timers.get(approval.id));
  timers.set(approval.id, setTimeout(() => void send(approval.id), HELD_MS));
}

/** Take back what is held. */
export function undo(id: string): void {
  drop(id);
  tabs?.postMessage({ id, held: false });
}

function drop(id: string): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  const held = new Map(useDecisions.getState().held);
  held.delete(id);
  useDecisions.setState({ held });
}

/** The newest that can still be taken back. */
export function newestHeld(held: ReadonlyMap<string, Held>): Held | undefined {
  return [...held.values()].at(-1);
}

/** What was decided is sent when the page goes away: the person has said it. */
export function sendAllHeld(): void {
  for (const id of useDecisions.getState().held.keys()) void send(id);
}

async function send(id: string): Promise<void> {
  const one = useDecisions.getState().held.get(id);
  if (one === undefined) return;
  drop(id);
  useDecisions.setState(({ sending }) => ({ sending: new Set(sending).add(id) }));
  const queries = clients.get(id);
  try {
    await answerOf(api.POST("/v1/approvals/{approval_id}/decision", { params: { path: { approval_id: id }, header: { "idempotency-key": one.key } }, body: one.answer, keepalive: true }));
    await queries?.invalidateQueries({ queryKey: ["approvals"] });
    useDecisions.setState(({ done }) => ({ done: new Set(done).add(id) }));
    void queries?.invalidateQueries({ queryKey: ["waiting"] });
  } catch (error) {
    refuse(one, asProblem(error));
    void queries?.invalidateQueries({ queryKey: ["approvals", "one", id] });
  } finally {
    useDecisions.setState(({ sending }) => {
      const rest = new Set(sending);
      rest.delete(id);
      return { sending: rest };
    });
    tabs?.postMessage({ id, held: false });
  }
}

function refuse(one: Held, problem: Problem): void {
  useDecisions.setState(({ refused }) => ({ refused: new Map(refused).set(one.approval.id, problem) }));
  const why = problem.code === "approval_decided" ? "it was decided elsewhere first." : problem.message;
  toast("error", `Your decision on "${one.approval.title || one.approval.topic}" had no effect: ${why}`);
}

export function forgetRefusal(id: string): void {
  const refused = new Map(useDecisions.getState().refused);
  refused.delete(id);
  useDecisions.setState({ refused });
}
