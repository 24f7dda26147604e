import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { EVERYTHING, get, ME, problem, server } from "@/test/service";

// Loaded before anything is waited for: they are the heaviest parts of the screen.
import "@/parts/series-chart";
import "./days-chart";

const ROW = { booked_usd: 1.25, reserved_usd: 0.5, unknown_usd: 0.1, calls: 12, unknown_calls: 1, failed_calls: 2 };
const LIMIT = { limit: "day", usd: 10, source: "environment", changed_by: null, changed_at: null };
const HELD = { provider: "openai", endpoint: "chat", credential: "main", state: "open", failures: 5, last_error: "it asked to wait", until: null };

function serve(rows: object[] = [{ ...ROW, key: "openai" }], permissions = EVERYTHING) {
  server.use(
    get("/v1/me", { ...ME, permissions }),
    http.get("*/v1/costs", ({ request }) => {
      const by = new URL(request.url).searchParams.get("by");
      return HttpResponse.json({ by, since: null, until: null, rehearsed: false, total: { ...ROW, key: null }, rows: by === "day" ? [] : rows.map((row) => (by === "video" ? { ...row, key: "video_1" } : row)) });
    }),
    get("/v1/cost-limits", { items: [LIMIT] }),
    get("/v1/cost-alerts", { alerts: [{ scope: "day", key: "2026-11-29", percent: 80, limit_usd: 10, counted_usd: 8, hard: true, raised_at: "2026-11-29T08:00:00Z" }], held_back: [HELD] }),
  );
}

test("what a day costs, what it was spent on, and where it stops", async () => {
  serve();
  renderConsole("/costs");
  expect(await screen.findByText(/\$0.50 is set aside for calls in flight/)).toBeVisible();
  expect(await screen.findByRole("img", { name: /^Spent a day: / })).toBeInTheDocument();
  expect(await screen.findByText("openai")).toBeVisible();
  expect(await screen.findByText(/\$8.00 of \$10.00/)).toBeVisible();
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Video" }));
  expect(await screen.findByRole("link", { name: "video_1" })).toHaveAttribute("href", "/videos/video_1");
});

test("what a video costs is told by who was paid, and a free one counts too", async () => {
  serve();
  const video = (id: string, usd: number) => ({ video: id, channel: "pulse", title: `Title ${id}`, created_at: "2026-11-29T08:00:00Z", usd, providers: usd > 0 ? [{ ...ROW, key: "acme", booked_usd: usd, reserved_usd: 0, unknown_usd: 0 }] : [] });
  server.use(get("/v1/costs/videos", { rehearsed: false, items: [video("v2", 2), video("v1", 0)] }));
  renderConsole("/costs");
  expect(await screen.findByText(/\$1.00 a video on average, \$2.00 at most/)).toBeVisible();
  expect(await screen.findByRole("img", { name: "Cost of 2 videos, the oldest first: $0.00, $2.00" })).toBeInTheDocument();
  const table = screen.getByRole("table", { name: "What does a video cost?", hidden: true });
  expect(within(table).getByRole("link", { name: "Title v2", hidden: true })).toHaveAttribute("href", "/videos/v2");
  expect(within(table).getByRole("columnheader", { name: "acme", hidden: true })).toBeInTheDocument();
});

test("a limit is set against the version that was seen, and a stale one is told in its place", async () => {
  serve();
  const sent: unknown[] = [];
  server.use(http.patch("*/v1/cost-limits", async ({ request }) => {
    sent.push({ of: request.headers.get("if-match"), body: await request.json() });
    if (sent.length > 1) return HttpResponse.json({ items: [{ ...LIMIT, usd: 12, source: "set", changed_by: "user_1" }] }, { headers: { etag: '"v3"' } });
    server.use(http.get("*/v1/cost-limits", () => HttpResponse.json({ items: [{ ...LIMIT, usd: 7 }] }, { headers: { etag: '"v2"' } })));
    return problem(412, "stale_version", "if-match: it changed");
  }));
  renderConsole("/costs");
  await userEvent.click(await screen.findByRole("button", { name: "Change the limit of one utc day" }));
  const field = screen.getByLabelText("One UTC day");
  await userEvent.clear(field);
  await userEvent.type(field, "12{Enter}");
  const told = await screen.findByText(/this one is \$7.00 now/);
  await userEvent.click(within(told.closest("[role=alert]") as HTMLElement).getByRole("button", { name: "Go on" }));
  await userEvent.click(screen.getByRole("button", { name: "Set it" }));
  await waitFor(() => { expect(sent).toEqual([{ of: '"v1"', body: { day: 12 } }, { of: '"v2"', body: { day: 12 } }]); });
  expect(await screen.findByText("$12.00")).toBeVisible();
});

test("a provider that is left alone can be called again, and nothing spent says why", async () => {
  serve([]);
  let asked = 0;
  server.use(http.post("*/v1/providers/openai/reset", () => { asked += 1; return HttpResponse.json({ provider: "openai", circuits: 1 }); }));
  renderConsole("/costs");
  expect(await screen.findByText("Nothing was spent")).toBeVisible();
  await userEvent.click(await screen.findByRole("button", { name: "Call it again" }));
  expect(await screen.findByText(/openai is called again/)).toBeVisible();
  expect(asked).toBe(1);
});

test("who may only look is told who can", async () => {
  serve([], ["me:read", "costs:read"]);
  renderConsole("/costs");
  expect(await screen.findByText("An admin can change these.")).toBeVisible();
  expect(screen.queryByRole("button", { name: /Change the limit/ })).toBeNull();
});
