import type { TraceJob } from "@/api/schema";

import { ticksOf } from "./axis";
import { barOf, spanOf, stacked } from "./lanes-of";

const JOB: TraceJob = { id: "1", node: "write", iteration: 0, ordinal: 0, agent: "scriptwriter", tool: "embed_text", queue: "cpu", state: "queued", attempts: 0, progress: 0, note: "", input: "", args: null, output: null, result: null, error: null, created_at: "2026-11-29T08:00:00Z", started_at: null, finished_at: null };
const AT = Date.parse(JOB.created_at);

test("a job that waits is all wait, one that works goes on until now", () => {
  expect(barOf(JOB, AT + 9_000)).toMatchObject({ from: AT + 9_000, to: AT + 9_000, label: "embed text, queued: waiting for 9 s" });
  const working = barOf({ ...JOB, state: "running", started_at: "2026-11-29T08:00:02Z" }, AT + 9_000);
  expect(working).toMatchObject({ from: AT + 2_000, to: AT + 9_000, tone: "running" });
});

test("what overlaps stands below each other, what follows takes the row that is free", () => {
  const bar = (id: string, asked: number, to: number) => ({ id, asked, from: asked, to, tone: "good" as const, label: id, attempts: 1, row: 0 });
  const { bars, rows } = stacked([bar("c", 10, 12), bar("a", 0, 10), bar("b", 5, 8)]);
  expect(bars.map((one) => [one.id, one.row])).toEqual([["a", 0], ["b", 1], ["c", 0]]);
  expect(rows).toBe(2);
});

test("the axis has round moments and nothing outside of what is seen", () => {
  const [from, to] = spanOf([], [AT, AT + 3_600_000]);
  const ticks = ticksOf(from, to, 8);
  expect(ticks.length).toBeGreaterThan(4);
  expect(ticks.length).toBeLessThanOrEqual(9);
  expect(ticks.every((one) => one.at >= from && one.at <= to && one.at % 600_000 === 0)).toBe(true);
});
