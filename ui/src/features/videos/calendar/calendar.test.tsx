import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { useUi } from "@/session/ui-store";
import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, ME, problem, server } from "@/test/service";

import "../videos-page";
import "./calendar";
import { holding, useMoves } from "./moves";

function video(id: string, status: string, at: string, more: Record<string, unknown> = {}) {
  const done = status === "published" || status === "scheduled";
  return { id, channel: "pulse", topic: "salt", title: `About ${id}`, format: "landscape", seconds: 60, provenance: "demo", status, run: "run_1", approval: null, publish_at: at, published_at: done ? at : null, publisher: null, url: null, cost_usd: 0.1, reasons: [], created_at: "2031-05-01T07:00:00Z", ...more };
}

const WAITS = video("waits", "waiting_for_video", "2031-05-06T12:00:00Z");
const ALL = [WAITS, video("out", "published", "2031-05-05T12:00:00Z"), video("soon", "scheduled", "2031-05-07T12:00:00Z"), video("broken", "failed", "2031-05-08T22:30:00Z")];

// Whether it is taken back or sent is for the test to say, however slow the machine is.
holding.ms = 3_600_000;

/** What was sent to move a video: its version and the time. */
const sent: unknown[] = [];

async function showCalendar(query = "", more: Record<string, unknown> = {}) {
  sent.length = 0;
  useMoves.setState({ held: new Map(), refused: new Map() });
  const asked: string[] = [];
  server.use(
    http.get("*/v1/videos", ({ request }) => { asked.push(request.url); return HttpResponse.json({ items: ALL, next: null }); }),
    get("/v1/channels/:id/schedule", { per_week: 3, hours: [14], zone: "Europe/Berlin" }),
    get("/v1/videos/:id", { ...WAITS, words: "", waits_for: null, why_fixed: "", ...more }),
    http.patch("*/v1/videos/:id", async ({ request }) => { sent.push([request.headers.get("if-match"), await request.json()]); return HttpResponse.json(WAITS, { status: 202 }); }),
  );
  renderConsole(`/videos?shape=calendar&day=2031-05-06${query}`);
  act(() => { useUi.setState({ channel: "pulse" }); });
  await screen.findByText(/Times in Europe\/Berlin, the zone of pulse/);
  await waitFor(() => { expect(document.querySelector("[data-video=waits]")).not.toBeNull(); });
  return asked;
}

const found = (what: string) => {
  const one = document.querySelector<HTMLElement>(what);
  if (one === null) throw new Error(`there is no ${what}`);
  return one;
};
const card = () => found("[data-video=waits]");
const onDay = (day: string) => found(`[data-day="${day}"] [data-video=waits]`);
const leave = () => { fireEvent(window, new Event("pagehide")); };

/** Dropped, and only waiting for the time in which it can be taken back. */
async function held(): Promise<void> {
  await waitFor(() => { expect(useMoves.getState().held.get("waits")?.etag).toBe('"v1"'); });
}

test("a month says in the channel's zone what was shown, is to be shown and failed, in words", async () => {
  const asked = await showCalendar();
  expect(screen.getByText("May 2031")).toBeVisible();
  expect(within(found('[data-day="2031-05-05"]')).getByLabelText("14:00 published About out, Mon 5 May, pulse")).toBeVisible();
  expect(within(found('[data-day="2031-05-07"]')).getByText("scheduled")).toBeVisible();
  expect(within(found('[data-day="2031-05-09"]')).getByLabelText(/^00:30 failed About broken, Fri 9 May/)).toBeVisible();
  const query = new URL(asked.at(-1) ?? "").searchParams;
  expect([query.get("publish_from"), query.get("publish_to"), query.get("channel")]).toEqual(["2031-04-27T22:00:00.000Z", "2031-06-08T22:00:00.000Z", "pulse"]);
  await expectAccessible();
});

test("by keys it is picked up, moved and dropped, aloud; undo takes it back before anything is sent", async () => {
  await showCalendar();
  card().focus();
  await userEvent.keyboard(" ");
  expect(screen.getByText(/^Picked up About waits, Tue 6 May, 14:00/)).toBeInTheDocument();
  await userEvent.keyboard("{ArrowRight}{ArrowDown}");
  expect(screen.getByText("Wed 14 May, 14:00")).toBeInTheDocument();
  await userEvent.keyboard(" ");
  await held();
  expect(within(onDay("2031-05-14")).getByText("moving")).toBeVisible();
  await userEvent.keyboard("u");
  expect(within(onDay("2031-05-06")).getByText("waits")).toBeVisible();
  leave();
  expect(sent).toEqual([]);
  card().focus();
  await userEvent.keyboard(" {ArrowLeft}{Escape}");
  expect(screen.getByText("Put back to Tue 6 May, 14:00.")).toBeInTheDocument();
});

test("in a week it moves by quarters of an hour, and is sent with the version that was picked up", async () => {
  await showCalendar("&span=week");
  await expectAccessible(found("main"));
  card().focus();
  await userEvent.keyboard(" {ArrowDown}{Shift>}{ArrowDown}{/Shift}{Enter}");
  await held();
  leave();
  await waitFor(() => { expect(sent).toEqual([['"v1"', { publish_at: "2031-05-06T13:15:00.000Z" }]]); });
  await waitFor(() => { expect(useMoves.getState().held.size).toBe(0); });
});

test("with the pointer it is dragged to another day, and what the service refuses is told where it is put back", async () => {
  await showCalendar("&span=week");
  server.use(http.patch("*/v1/videos/:id", () => problem(409, "no_room_for_edit", "no upload is left on that day")));
  document.elementFromPoint = () => found('[data-day="2031-05-09"]');
  const dragged = card();
  fireEvent.pointerDown(dragged, { button: 0, clientX: 10, clientY: 10, pointerId: 1 });
  for (const at of [90, 95]) fireEvent.pointerMove(dragged, { clientX: at, clientY: at, pointerId: 1 });
  fireEvent.pointerUp(dragged, { pointerId: 1 });
  // What was dropped is not opened.
  expect(fireEvent.click(card())).toBe(false);
  await held();
  expect(onDay("2031-05-09")).toBeVisible();
  leave();
  await screen.findByText("no upload is left on that day");
  await waitFor(() => { expect(onDay("2031-05-06")).toBeVisible(); });
  await userEvent.click(screen.getByText("Got it"));
  await waitFor(() => { expect(screen.queryByText("no upload is left on that day")).toBeNull(); });
});

test("what cannot be moved says why, and stays", async () => {
  await showCalendar("&span=week", { why_fixed: "it is published; pull it back and make another" });
  card().focus();
  await userEvent.keyboard(" {ArrowRight} ");
  await screen.findByText(/it is published; pull it back and make another/);
  expect(onDay("2031-05-06")).toBeVisible();
  leave();
  expect(sent).toEqual([]);
});

test("a viewer sees the times and cannot pick anything up", async () => {
  server.use(get("/v1/me", { ...ME, permissions: ME.permissions.filter((one) => one !== "videos:edit") }));
  await showCalendar();
  card().focus();
  await userEvent.keyboard("{ArrowRight}");
  expect(card()).not.toHaveAttribute("aria-describedby");
});
