import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { CHANNEL, EVERYTHING, get, ME, PERSONALITY, problem, server } from "@/test/service";

const PULSE = PERSONALITY;
const TERRA = { ...PULSE, id: "terra", name: "Terra", niche: "earth_science" };
const ACCOUNT = {
  channel: "pulse", platform: "youtube", external_id: "UC1", title: "Pulse on YouTube", project: "studio-1", provenance: "real", scopes: ["https://www.googleapis.com/auth/youtube.upload"],
  state: "active", reason: "", healthy: true, connected_at: "2026-11-20T08:00:00Z", verified_at: "2026-11-29T08:00:00Z", consent_ends_at: null,
};
const BUCKET = { bucket: "uploads", limit: 100, spent: 30, reserved: 10, left: 60, closed_until: null, reason: "" };
const QUOTA = { platform: "youtube", project: "studio-1", day: "2026-11-29", zone: "America/Los_Angeles", resets_at: "2026-11-30T08:00:00Z", buckets: [BUCKET], accounts: [{ channel: "pulse", external_id: "UC1", title: "Pulse", spent: {}, reserved: {}, uploads_closed_until: null, reason: "" }] };

function serve({ accounts = [ACCOUNT], permissions = [...EVERYTHING, "accounts:connect", "accounts:check"] }: { accounts?: unknown[]; permissions?: string[] } = {}) {
  server.use(
    get("/v1/me", { ...ME, permissions }),
    get("/v1/channels/pulse", CHANNEL),
    get("/v1/channels/:id/schedule", { per_week: 3, hours: [9, 17], zone: "Europe/Berlin" }),
    get("/v1/personalities", { items: [PULSE, TERRA] }),
    http.get("*/v1/accounts", () => HttpResponse.json({ items: accounts } as object)),
    get("/v1/quotas", { items: accounts.length > 0 ? [QUOTA] : [] }),
  );
}

test("every channel is listed with how it stands, and leads to its page", async () => {
  serve();
  server.use(get("/v1/channels", { items: [CHANNEL, { ...CHANNEL, id: "terra", name: "Terra", paused: true, paused_reason: "on holiday", budget_day_usd: null }], next: null }));
  const { router } = renderConsole("/channels");
  const table = await screen.findByRole("table", { name: "Channels" });
  expect(within(table).getByText("on holiday")).toBeVisible();
  expect(await within(table).findByText("connected")).toBeVisible();
  expect(within(table).getByText("not connected")).toBeVisible();
  await expectAccessible();
  await userEvent.keyboard("n");
  await waitFor(() => { expect(router.state.location.pathname).toBe("/channels/new"); });
});

test("a channel is made from a personality that is free, after its preview", async () => {
  serve();
  const asked: unknown[] = [];
  server.use(http.post("*/v1/channels", async ({ request }) => { asked.push(await request.json()); return HttpResponse.json({ ...CHANNEL, id: "terra", name: "Terra" }, { status: 201 }); }), get("/v1/channels/terra", { ...CHANNEL, id: "terra", name: "Terra" }));
  const { router } = renderConsole("/channels/new");
  await userEvent.click(await screen.findByRole("radio", { name: /Terra/ }));
  expect(screen.queryByRole("radio", { name: /^Pulse/ })).toBeNull();
  expect(screen.getByText(/3 videos a week about earth science/)).toBeVisible();
  await userEvent.click(screen.getByRole("radio", { name: /Autonomous/ }));
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Make the channel" }));
  await waitFor(() => { expect(router.state.location.pathname).toBe("/channels/terra"); });
  expect(asked).toEqual([{ personality: "terra", autonomy: "autonomous", budget_day_usd: 3 }]);
});

test("an edit that met somebody else's is told in its place, and can be set all the same", async () => {
  serve();
  const versions: (string | null)[] = [];
  server.use(http.patch("*/v1/channels/pulse", async ({ request }) => {
    versions.push(request.headers.get("if-match"));
    if (versions.length > 1) return HttpResponse.json({ ...CHANNEL, ...((await request.json()) as object) }, { headers: { etag: '"v3"' } });
    server.use(http.get("*/v1/channels/pulse", () => HttpResponse.json({ ...CHANNEL, autonomy: "manual" }, { headers: { etag: '"v2"' } })));
    return problem(412, "stale_version", "if-match: it changed meanwhile");
  }));
  renderConsole("/channels/pulse");
  const budget = await screen.findByLabelText("The most in one UTC day");
  await userEvent.clear(budget);
  await userEvent.type(budget, "5");
  await userEvent.click(screen.getByRole("button", { name: "Set it" }));
  expect(await screen.findByText(/Somebody changed this meanwhile: now manual/)).toBeVisible();
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Set mine" }));
  expect(await screen.findByText("Pulse is set.")).toBeVisible();
  expect(versions).toEqual(['"v1"', '"v2"']);
  expect(budget).toHaveValue("5");
});

test("p pauses for a reason", async () => {
  serve();
  const asked: unknown[] = [];
  server.use(http.patch("*/v1/channels/pulse", async ({ request }) => { asked.push(await request.json()); return HttpResponse.json({ ...CHANNEL, paused: true, paused_reason: "a look" }, { headers: { etag: '"v2"' } }); }));
  renderConsole("/channels/pulse");
  await screen.findByRole("button", { name: "Pause" });
  await userEvent.keyboard("p");
  await userEvent.type(await screen.findByLabelText("Why"), "a look{Enter}");
  expect(await screen.findByRole("button", { name: "Let it go on" })).toBeVisible();
  expect(screen.getByText(/Paused: a look/)).toBeVisible();
  expect(asked).toEqual([{ paused: true, reason: "a look" }]);
});

test("the schedule is set by hours and zone, and what is no zone is refused before it is sent", async () => {
  serve();
  const asked: unknown[] = [];
  server.use(http.put("*/v1/channels/pulse/schedule", async ({ request }) => { const body = (await request.json()) as object; asked.push(body); return HttpResponse.json(body, { headers: { etag: '"v2"' } }); }));
  renderConsole("/channels/pulse");
  const zone = await screen.findByLabelText("Time zone");
  await userEvent.click(screen.getByRole("button", { name: "12:00" }));
  await userEvent.clear(zone);
  await userEvent.type(zone, "Mars/Base");
  expect(screen.getByText("A zone such as Europe/Berlin")).toBeVisible();
  expect(screen.getByRole("button", { name: "Set the schedule" })).toBeDisabled();
  await userEvent.clear(zone);
  await userEvent.type(zone, "UTC");
  await userEvent.click(screen.getByRole("button", { name: "Set the schedule" }));
  await waitFor(() => { expect(asked).toEqual([{ per_week: 3, hours: [9, 12, 17], zone: "UTC" }]); });
});

test("YouTube is connected at an address of Google's, and what came of it is shown", async () => {
  serve({ accounts: [] });
  const begun = { id: `consent_${"a".repeat(32)}`, channel: "pulse", status: "asked", reason: "", expires_at: new Date(Date.now() + 600_000).toISOString(), finished_at: null };
  server.use(
    http.post("*/v1/accounts/pulse/connect", () => HttpResponse.json({ ...begun, url: "https://accounts.google.test/o" }, { status: 201 })),
    get("/v1/accounts/pulse/consents/:id", begun),
  );
  renderConsole("/channels/pulse");
  await userEvent.click(await screen.findByRole("button", { name: "Connect YouTube" }));
  expect(await screen.findByRole("link", { name: "Open Google's page" })).toHaveAttribute("href", "https://accounts.google.test/o");
  server.use(get("/v1/accounts/pulse/consents/:id", { ...begun, status: "failed", reason: "the owner said no", finished_at: begun.expires_at }));
  // Whoever comes back from Google's page is not left to wait for the next look.
  document.dispatchEvent(new Event("visibilitychange"));
  expect(await screen.findByText(/the owner said no/)).toBeVisible();
});

test("a connection is checked and revoked, and its quota told", async () => {
  serve();
  const asked: unknown[] = [];
  server.use(
    http.post("*/v1/accounts/pulse/check", () => HttpResponse.json({ ok: true, said: "", trouble: "", ms: 12, account: ACCOUNT })),
    http.post("*/v1/accounts/pulse/revoke", async ({ request }) => { asked.push(await request.json()); return HttpResponse.json({ channel: "pulse", title: "Pulse on YouTube", readings_deleted: 4, runs_told: [] }); }),
  );
  renderConsole("/channels/pulse");
  expect(await screen.findByRole("img", { name: "uploads: 30 spent, 10 set aside, 60 left of 100" })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Check it now" }));
  expect(await screen.findByText(/honours the consent/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Revoke…" }));
  const dialog = await screen.findByRole("dialog", { name: "Revoke Pulse on YouTube" });
  await userEvent.type(within(dialog).getByLabelText("Why"), "sold");
  expect(within(dialog).getByRole("button", { name: "Revoke it" })).toBeDisabled();
  await userEvent.type(within(dialog).getByLabelText("Type pulse to go on"), "pulse{Enter}");
  expect(await screen.findByText(/4 readings deleted, 0 runs told/)).toBeVisible();
  expect(asked).toEqual([{ reason: "sold" }]);
});

test.each([
  ["an operator", EVERYTHING, false, "An admin can change this."],
  ["an admin", [...EVERYTHING, "users:manage"], true, "It holds at once, also for what waits for a decision."],
])("the rule of two, once set, is ended by an admin only: %s", async (_, permissions, may, said) => {
  serve({ permissions });
  server.use(get("/v1/channels/pulse", { ...CHANNEL, two_person: true }));
  renderConsole("/channels/pulse");
  const rule = await screen.findByRole("switch", { name: "Two people must accept a video before it is published" });
  expect(rule).toBeChecked();
  expect(rule.matches(":disabled")).toBe(!may);
  expect(rule).toHaveAccessibleDescription(said);
});

test("who may only look is told who can", async () => {
  serve({ accounts: [], permissions: ["me:read", "channels:read", "accounts:read", "quotas:read"] });
  renderConsole("/channels/pulse");
  expect((await screen.findAllByText("An operator or admin can change this."))[0]).toBeVisible();
  expect(await screen.findByText(/An admin of the studio can connect it/)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Pause" })).toBeNull();
  await expectAccessible();
});

test("who speaks is seen and heard, and how near it comes to the others is one bar", async () => {
  serve();
  const near = { measure: "wording", to: "others", value: 0.57, limit: 0.6, share: 0.95, channel: "terra", title: "Sleep", run: "run_1", measured_at: "2026-11-29T08:00:00Z" };
  server.use(get("/v1/channels/:id/sameness", { channel: "pulse", provenance: "real", checks: 8, nearest: near, measures: [near, { ...near, measure: "presence", value: 0.4, limit: 0.9, share: 0.44, run: "", measured_at: null }], budget: { measured: 4, over: 1, room: 0.75 } }));
  const play = vi.spyOn(HTMLMediaElement.prototype, "play");
  renderConsole("/channels/pulse");
  expect(await screen.findByRole("img", { name: "wording: 0.57 of the 0.60 that are allowed" })).toBeInTheDocument();
  expect(screen.getByText(/1 of its last 4 first drafts was over a limit, so it is given 75% of its slots/)).toBeVisible();
  expect(await screen.findByRole("img", { name: "A thumbnail in the look of Pulse" })).toHaveAttribute("src", "blob:http://localhost/1");
  expect(screen.getByRole("img", { name: /^Colours: #fdf6f3/ })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Hear it" }));
  await waitFor(() => { expect(play).toHaveBeenCalledOnce(); });
  await expectAccessible();
});

test("a sample that cannot be made says why", async () => {
  serve();
  server.use(http.get("*/v1/personalities/:id/samples/:kind", () => problem(409, "queue_unserved", "no worker serves the queue 'cpu'")));
  renderConsole("/channels/new");
  await userEvent.click(await screen.findByRole("radio", { name: /Terra/ }));
  expect(await screen.findByText(/no worker serves the queue/)).toBeVisible();
});
