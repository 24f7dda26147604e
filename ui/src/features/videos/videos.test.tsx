import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, problem, server } from "@/test/service";

function video(at: number, more: Record<string, unknown> = {}) {
  return {
    id: `video_${String(at)}`, channel: "pulse", topic: "salt", title: `Video ${String(at)}`, format: "landscape", seconds: 60, provenance: "demo", status: "published", run: "run_1", approval: null, publish_at: null,
    published_at: "2026-11-29T08:00:00Z", publisher: "local_library", publication: null, url: null, cost_usd: 0, reasons: [], created_at: "2026-11-29T07:00:00Z", ...more,
  };
}

const SCRIPT = {
  digest: "d", title: "Salt", language: "en", licence: "OWN", credits: [], editable: false, why_not: "it is published; pull it back and make another",
  beats: [{ id: "b1", heading: "The lake", sentences: [{ id: "s1", text: "The lake is very salty.", role: "fact", citations: ["p1"] }] }],
  passages: [{ id: "p1", text: "It is a salt lake.", title: "Lake Natron", publisher: "Earth Observatory", url: "https://example.org/n", licence: "CC0", credit: "" }],
};

function serveOne(more: Record<string, unknown> = {}): void {
  server.use(
    get("/v1/videos/:id", { ...video(1, more), words: "it can be seen", waits_for: null, why_fixed: "" }),
    get("/v1/videos/:id/script", SCRIPT),
    http.get("*/v1/videos/:id/player", () => problem(404, "artifact_unknown", "it is not rendered yet")),
    get("/v1/videos/:id/files", { items: [] }),
    get("/v1/runs/:id/trace", { jobs: [], snapshots: [], decisions: [], artifacts: [] }),
    get("/v1/runs/:id/costs", { total_usd: 0.42, unknown_usd: 0, calls: 7, by_provider: [{ key: "openai", usd: 0.42, calls: 7 }], by_run: [] }),
  );
}

test("a video is told in words, with its script, sources and cost; what is not there yet says so", async () => {
  serveOne({ reasons: ["published at https://example.org/watch"] });
  renderConsole("/videos/video_1");
  expect(await screen.findByRole("heading", { name: "Video 1" })).toBeVisible();
  expect(screen.getByText("It can be seen.")).toBeVisible();
  expect(await screen.findByText("There is no film yet")).toBeVisible();
  expect(screen.queryByText(/published at/)).toBeNull();
  expect(await screen.findByText("The lake is very salty.")).toBeVisible();
  expect(screen.getByRole("link", { name: "Lake Natron" })).toHaveAttribute("href", "https://example.org/n");
  expect(await screen.findByText("$0.42 in 7 calls: openai $0.42")).toBeVisible();
  await expectAccessible();
});

test("pulling back asks why, and a refusal stays in the dialog", async () => {
  const asked: unknown[] = [];
  serveOne();
  server.use(http.post("*/v1/videos/:id/pull-back", async ({ request }) => {
    asked.push(await request.json());
    return problem(409, "already_pulling", "it is being pulled back already");
  }));
  renderConsole("/videos/video_1");
  await userEvent.click(await screen.findByRole("button", { name: "Pull back" }));
  const dialog = await screen.findByRole("dialog", { name: "Pull it back" });
  await userEvent.type(within(dialog).getByLabelText(/Why/), "a wrong figure");
  await userEvent.click(within(dialog).getByRole("button", { name: "Pull it back" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("it is being pulled back already");
  await waitFor(() => { expect(asked).toEqual([{ reason: "a wrong figure" }]); });
});

const DAY = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
const SCHEDULED = { status: "scheduled", publish_at: "2031-05-06T12:00:00Z", published_at: "2031-05-06T12:00:00Z", moving: null };

function serveMoves(more: Record<string, unknown>, answer: (sent: unknown[]) => Response): unknown[] {
  const sent: unknown[] = [];
  serveOne(more);
  server.use(
    get("/v1/channels/:id/schedule", { per_week: 3, hours: [14], zone: "Asia/Tokyo" }),
    http.patch("*/v1/videos/:id", async ({ request }) => { sent.push([request.headers.get("if-match"), await request.json()]); return answer(sent); }),
  );
  return sent;
}

test("m moves an approved video by its channel's clocks; why it stays is told in the dialog, and that it is under way on the page", async () => {
  const one = { ...video(1, SCHEDULED), words: "it is approved and handed over", waits_for: "its time", why_fixed: "" };
  const sent = serveMoves(SCHEDULED, (all) => {
    if (all.length === 1) return problem(409, "not_moved", "publish_at: YouTube has no such video");
    const moved = { ...one, why_fixed: "it is being moved already; wait until that is through", moving: { job: "job_1", state: "waiting", error: null } };
    server.use(get("/v1/videos/:id", moved));
    return HttpResponse.json(moved, { status: 202 });
  });
  renderConsole("/videos/video_1");
  expect(await screen.findByRole("button", { name: "Move…" })).toHaveAttribute("aria-keyshortcuts", "m");
  await userEvent.keyboard("m");
  const dialog = await screen.findByRole("dialog", { name: "Move it to another time" });
  const field = await within(dialog).findByLabelText("New time");
  expect(field).toHaveValue("2031-05-06T21:00");
  expect(within(dialog).getByText(/^It is to be shown on Tue 6 May, 21:00, in .* Its platform is told the new time; its approval stays as it is\.$/)).toBeVisible();
  expect(within(dialog).getByText("Times in Asia/Tokyo, the zone of pulse.")).toBeVisible();
  const type = (value: string) => { fireEvent.change(field, { target: { value } }); };
  expect(within(dialog).getByRole("button", { name: "Move it" })).toBeDisabled();
  type("2020-05-06T14:00");
  expect(field).toHaveAccessibleDescription("Give a time at least 5 minutes from now");
  type(`${DAY}T15:30`);
  await expectAccessible(dialog);
  await userEvent.click(within(dialog).getByRole("button", { name: "Move it" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent(/^YouTube has no such video/);
  await waitFor(() => { expect(within(dialog).getByRole("button", { name: "Move it" })).toBeEnabled(); });
  await userEvent.click(within(dialog).getByRole("button", { name: "Move it" }));
  expect(await screen.findByText(/It is being moved: its platform has not taken the new time yet\.$/)).toBeVisible();
  await waitFor(() => { expect(screen.queryByRole("dialog")).toBeNull(); });
  expect(screen.queryByRole("button", { name: "Move…" })).toBeNull();
  expect(sent).toEqual([1, 2].map(() => ['"v1"', { publish_at: `${DAY}T06:30:00.000Z` }]));
});

test("a video that waits for a decision is listed anew; what somebody changed meanwhile is read again before it is sent", async () => {
  const waits = { status: "waiting_for_video", publish_at: null, published_at: null, moving: null };
  const sent = serveMoves(waits, (all) => {
    if (all.length > 1) return HttpResponse.json({ ...video(1, waits), status: "making", words: "it is being made", waits_for: "its agents", why_fixed: "it is being made; wait until it asks", moving: null }, { status: 202 });
    server.use(http.get("*/v1/videos/:id", () => HttpResponse.json({ ...video(1, waits), publish_at: `${DAY}T12:00:00Z`, words: "it is made", waits_for: null, why_fixed: "" }, { headers: { etag: '"v2"' } })));
    return problem(412, "changed_meanwhile", "read it again");
  });
  renderConsole("/videos/video_1");
  await userEvent.click(await screen.findByRole("button", { name: "Move…" }));
  const dialog = await screen.findByRole("dialog", { name: "Move it to another time" });
  const field = await within(dialog).findByLabelText("New time");
  expect(within(dialog).getByText("It is shown once it is approved. It is listed for the new time and asked about anew.")).toBeVisible();
  fireEvent.change(field, { target: { value: `${DAY}T15:30` } });
  await userEvent.click(within(dialog).getByRole("button", { name: "Move it" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent(/^Somebody changed it meanwhile/);
  expect(await within(dialog).findByText(/^It is to be shown on .*, 21:00, in /)).toBeVisible();
  expect(field).toHaveValue(`${DAY}T15:30`);
  await userEvent.click(within(dialog).getByRole("button", { name: "Move it" }));
  expect(await screen.findByText(/^"Video 1" is listed for .*, 15:30 \(Asia\/Tokyo\), and asked about anew\.$/)).toBeVisible();
  expect(sent.map((one) => (one as [string])[0])).toEqual(['"v1"', '"v2"']);
});

test("a move that came to nothing and why the time is fixed are told on the page, which then offers none", async () => {
  serveOne();
  server.use(get("/v1/videos/:id", { ...video(1, SCHEDULED), words: "it is approved and handed over", waits_for: "its time", why_fixed: "two people accepted it for its time", moving: { job: "job_1", state: "failed", error: "YouTube has no such video" } }));
  renderConsole("/videos/video_1");
  expect(await screen.findByText("It was not moved: YouTube has no such video. It keeps its time.")).toBeVisible();
  expect(screen.getByText("Not to be moved now: two people accepted it for its time")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Move…" })).toBeNull();
});
