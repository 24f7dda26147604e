import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, ME, problem, server } from "@/test/service";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-29T12:00:00Z");
const at = (hours: number) => new Date(NOW + hours * HOUR).toISOString();

const SERIES = { name: "views", unit: "page views an hour", values: 48, points: Array.from({ length: 48 }, (_, hour) => ({ at: at(hour - 48), value: 100 + hour })) };
const FORECAST = {
  series: "views", source: "wikipedia", unit: "page views an hour", length: 48, method: "model", verdict: "skill", statement: "on 9 past moments: 12% less error than the last value", growth: 0.4, peak_at: at(30), made_at: at(0),
  points: Array.from({ length: 48 }, (_, hour) => ({ at: at(hour + 1), value: 150 + hour, low: 140, high: 160 + hour * 2 })),
};
const NATRON = {
  topic_id: "topic_1", topic: "Lake Natron turns red", category: "science", keywords: ["natron", "lake"], first_seen: at(-40), last_seen: at(-1), scores: { total: 0.82, momentum: 0.7 },
  sources: [{ id: "s1", name: "Wikipedia", kind: "pageviews", addresses: ["https://example.org/natron", "javascript:alert(1)"] }], forecast: FORECAST, series: [SERIES], refused: [],
};
const BATTERY = { ...NATRON, topic_id: "topic_2", topic: "Battery prices fall", category: "technology", scores: { total: 0.4 }, forecast: null, series: [], refused: [{ reason: "told a week ago", run: "run_9", at: at(-3) }] };

function serve(topics: object[] = [NATRON, BATTERY], note = "") {
  server.use(get("/v1/trends", { provenance: "real", days: 7, topics, note } as never));
}

test("topics are told by what they are about, with what is expected and what speaks for it", async () => {
  serve();
  renderConsole("/trends");
  const panel = await screen.findByRole("region", { name: "Lake Natron turns red" });
  expect(within(panel).getByText(/It grows by 40% over 48 hours/)).toBeVisible();
  expect(within(panel).getByText(/12% less error than the last value/)).toBeVisible();
  expect(within(panel).getByRole("link", { name: "https://example.org/natron" })).toBeVisible();
  expect(within(panel).queryByRole("link", { name: /javascript/ })).toBeNull();
  expect(screen.getByRole("region", { name: "technology" })).toBeVisible();
  await expectAccessible();
});

test("j shows the next and why it was passed over; m makes it", async () => {
  serve();
  const asked: unknown[] = [];
  server.use(http.post("*/v1/tasks", async ({ request }) => { asked.push(await request.json()); return HttpResponse.json({ id: "task_1", what: "Battery prices fall", reason: "the next run takes it" }, { status: 202 }); }));
  const { router } = renderConsole("/trends");
  await screen.findByRole("region", { name: "Lake Natron turns red" });
  await userEvent.keyboard("j");
  const panel = await screen.findByRole("region", { name: "Battery prices fall" });
  expect(router.state.location.pathname).toBe("/trends/topic_2");
  expect(within(panel).getByText(/told a week ago/)).toBeVisible();
  await userEvent.keyboard("m");
  await waitFor(() => { expect(asked).toEqual([{ kind: "topic", topic: "Battery prices fall", priority: "high" }]); });
  expect(await screen.findByText(/will be made: the next run takes it/)).toBeVisible();
});

test("no topic says why, another kind of truth is asked for, and trouble can be tried again", async () => {
  const kinds: (string | null)[] = [];
  server.use(http.get("*/v1/trends", ({ request }) => {
    kinds.push(new URL(request.url).searchParams.get("provenance"));
    return kinds.length === 1 ? problem(503, "unavailable", "the database rests") : HttpResponse.json({ provenance: "real", days: 7, topics: [], note: "none is known yet" });
  }));
  renderConsole("/trends");
  await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
  expect(await screen.findByText(/None is known yet/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Demo" }));
  expect(await screen.findByText("None of this kind")).toBeVisible();
  expect(kinds).toEqual(["real", "real", "demo"]);
  await expectAccessible();
});

test("who may make nothing is told who can", async () => {
  serve();
  server.use(get("/v1/me", { ...ME, permissions: ["me:read", "trends:read"] }));
  renderConsole("/trends/topic_2");
  expect(await screen.findByText(/An operator can make a video of it/)).toBeVisible();
  expect(screen.queryByRole("button", { name: /Make this/ })).toBeNull();
});
