import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { CHANNEL, get, problem, server } from "@/test/service";

// Read before the first test, so that no wait for what is shown is a wait for a module.
import "./start-page";
import "./autonomous-page";

const AT = "2026-11-29T08:00:00Z";
const AUTO = { run_id: "auto_1", status: "running", reason: "", channels: ["pulse"], provenance: "live", starts_at: AT, ends_at: "2027-11-30T08:00:00Z", ended_at: null, next_wake_at: null, wakes: 3, revision: 1, budget_usd: 20, spent_usd: 1.5, held: {}, resting: {}, report_to: [], counts: {}, slots: [] };
const READY = { ready: true, problems: [], plan: [{ channel: "pulse", publish_at: "2026-11-30T08:00:00Z", why: ["its next hour"] }], notes: ["reports: no address is set"], asked_outside: false };

function serve(): void {
  server.use(
    get("/v1/runs", { items: [], next: null }),
    get("/v1/autonomous-runs/auto_1", AUTO),
    get("/v1/autonomous-runs/auto_1/request", { revision: 1, request: {} }),
    get("/v1/autonomous-runs/auto_1/timeline", { items: [], next: "0" }),
    get("/v1/autonomous-runs/auto_1/reports", { items: [] }),
    http.post("*/v1/autonomous-runs/readiness", () => HttpResponse.json(READY)),
  );
}

test("a refused start names everything that lacks with its fix, beside its field, and starts once it is there", async () => {
  serve();
  const sent: unknown[] = [];
  server.use(http.post("*/v1/autonomous-runs", async ({ request }) => {
    sent.push(await request.json());
    if (sent.length > 1) return HttpResponse.json({ ...AUTO, plan: [], notes: ["reports: no address is set"] }, { status: 202 });
    return problem(409, "not_ready", "the run is not started", { problems: [{ field: "budget_usd", said: "3 videos cost $4.50 here", fix: "give at least 4.5", code: "budget_short", channel: null }, { field: "channels", said: "pulse is paused (a look)", fix: "resume it with `ytempire channels resume pulse`", code: "channel_paused", channel: "pulse" }] });
  }));
  const { router } = renderConsole("/runs/start");
  await userEvent.click(await screen.findByRole("button", { name: "A day" }));
  const budget = screen.getByLabelText(/most that it may spend/);
  await userEvent.clear(budget);
  expect(screen.getByRole("button", { name: "Start it" })).toBeDisabled();
  await userEvent.type(budget, "4");
  await userEvent.click(await screen.findByRole("button", { name: CHANNEL.name }));
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Start it" }));
  const told = await screen.findByRole("alert");
  expect(told).toHaveTextContent("Give at least 4.5.");
  expect(told).toHaveTextContent("Lift its pause on the page of pulse, or leave it out.");
  expect(within(told).getByRole("link", { name: "the page of pulse" })).toHaveAttribute("href", "/channels/pulse");
  expect(screen.getByText("3 videos cost $4.50 here; give at least 4.5")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Start it" }));
  await waitFor(() => { expect(router.state.location.pathname).toBe("/runs/autonomous/auto_1"); });
  expect(sent[0]).toMatchObject({ hours: 24, budget_usd: 4, channels: ["pulse"], autonomy: null, missed: "skip", videos: null });
});

test("reports go to mail addresses that are looked at before they are sent, and the run says what became of them", async () => {
  serve();
  const sent: unknown[] = [];
  const fates = [{ address: "ada@example.org", status: "sent", said: "" }, { address: "ben@example.org", status: "failed", said: "550 no such user" }];
  server.use(
    http.post("*/v1/autonomous-runs", async ({ request }) => {
      sent.push(((await request.json()) as { report_to: unknown }).report_to);
      if (sent.length > 1) return HttpResponse.json({ ...AUTO, report_to: fates, plan: [], notes: [] }, { status: 202 });
      return problem(422, "invalid_request", "body.report_to.1: it is refused here", { errors: [{ field: "body.report_to.1", message: "it is refused here" }] });
    }),
    get("/v1/autonomous-runs/auto_1", { ...AUTO, report_to: fates }),
  );
  renderConsole("/runs/start");
  const field = await screen.findByLabelText("Report to");
  const type = (value: string) => { fireEvent.change(field, { target: { value } }); };
  type("ada@example.org, ben");
  expect(field).toHaveAccessibleDescription(/"ben" is no mail address/);
  expect(screen.getByRole("button", { name: "Start it" })).toBeDisabled();
  type("tgram://secret/chat");
  expect(field).toHaveAccessibleDescription(/^Give plain mail addresses/);
  type(Array.from({ length: 11 }, (_, at) => `a${String(at)}@example.org`).join(","));
  expect(field).toHaveAccessibleDescription(/at most 10 addresses, not 11/);
  type("ada@example.org, ben@example.org, ada@example.org");
  await userEvent.click(screen.getByRole("button", { name: "Start it" }));
  await waitFor(() => { expect(field).toHaveAccessibleDescription("it is refused here"); });
  await userEvent.click(screen.getByRole("button", { name: "Start it" }));
  const told = await screen.findByRole("list", { name: /^Sent to/ });
  expect(within(told).getAllByRole("listitem").map((one) => one.textContent.trim())).toEqual(["ada@example.org sent", "ben@example.org not taken 550 no such user"]);
  expect(sent).toEqual([["ada@example.org", "ben@example.org"], ["ada@example.org", "ben@example.org"]]);
});

test("whether it could start is told while the form is filled in, and outside is asked on request", async () => {
  serve();
  const asked: [number, string | null][] = [];
  const lacks = { field: "budget", said: "$2.00 is less than one video may cost ($3.00)", fix: "raise it to 3", code: "budget_short", channel: null };
  server.use(http.post("*/v1/autonomous-runs/readiness", async ({ request }) => {
    const { budget_usd: budget } = (await request.json()) as { budget_usd: number };
    asked.push([budget, new URL(request.url).searchParams.get("live")]);
    return HttpResponse.json(budget < 3 ? { ...READY, ready: false, plan: [], problems: [lacks] } : READY);
  }));
  renderConsole("/runs/start");
  expect(await screen.findByText("All that it needs is there")).toBeVisible();
  expect(screen.getByRole("region", { name: "What it begins with" })).toHaveTextContent(/pulse.*its next hour/);
  await userEvent.click(screen.getByRole("button", { name: "Ask them now" }));
  await waitFor(() => { expect(asked.at(-1)).toEqual([20, "true"]); });
  fireEvent.change(screen.getByLabelText(/most that it may spend/), { target: { value: "2" } });
  expect(await screen.findByText("1 thing to mend first")).toBeVisible();
  expect(screen.getByText("$2.00 is less than one video may cost ($3.00); raise it to 3")).toBeVisible();
  expect(asked.at(-1)).toEqual([2, "false"]);
  await expectAccessible();
});
