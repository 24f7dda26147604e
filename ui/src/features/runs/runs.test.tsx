import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { ADA, get, ME, problem, server } from "@/test/service";

// Read before the first test, so that no wait for what is shown is a wait for a module.
import "./runs-page";

const AT = "2026-11-29T08:00:00Z";
const RUN = { id: "run_1", kind: "production", channel: "pulse", video: null, autonomous_run: "auto_1", status: "running", topic: "salt lakes", title: "", provenance: "live", reasons: [], error: null, stop_reason: null, paused: null, approval: null, created_at: AT, started_at: AT, finished_at: null, request: {} };
const SLOT = { slot: "slot_1", channel: "pulse", status: "asked", priority: 1, publish_at: "2026-11-29T12:00:00Z", launch_at: "2026-11-29T11:00:00Z", production: "run_1", task: null, attempts: 1, title: "Salt lakes", why: ["people watch then"], note: "" };
const AUTO = { run_id: "auto_1", status: "running", reason: "", channels: ["pulse"], provenance: "live", starts_at: AT, ends_at: "2027-11-30T08:00:00Z", ended_at: null, next_wake_at: null, wakes: 3, revision: 1, budget_usd: 20, spent_usd: 1.5, held: { pulse: "the day's budget is spent" }, resting: {}, report_to: [], counts: { asked: 1 }, slots: [SLOT] };
const JOB = { id: "job_1", node: "write", iteration: 0, ordinal: 0, agent: "scriptwriter", tool: "embed_text", queue: "cpu", state: "done", attempts: 2, progress: 1, note: "3 texts", input: "a".repeat(64), args: { texts: ["salt"] }, output: "b".repeat(64), result: null, error: { code: "timeout", message: "took too long" }, created_at: AT, started_at: "2026-11-29T08:00:05Z", finished_at: "2026-11-29T08:00:09Z" };
const TRACE = {
  jobs: [JOB], artifacts: [],
  snapshots: [{ node: "write", iteration: 0, artifact: "c".repeat(64), created_at: AT }],
  decisions: [{ node: "write", iteration: 0, agent: "scriptwriter", created_at: AT, decision: { question: "Which template?", choice: "News story", reasons: ["it is 15 s long"], scores: { news: 1.3, place: 0.1 }, alternatives: ["countdown"] } }],
};
const LOG = { items: [{ seq: 1, kind: "run.stopped", payload: { reason: "provider_down", message: "the voice is away" }, at: "2026-11-29T08:00:06Z" }, { seq: 2, kind: "run.recovered", payload: { attempt: 1 }, at: "2026-11-29T08:00:07Z" }], next: "2" };

function serve(): void {
  server.use(
    get("/v1/runs", { items: [RUN], next: null }),
    get("/v1/autonomous-runs", { items: [{ id: "auto_1", status: "running", reason: "", channels: ["pulse"], provenance: "live", starts_at: AT, ends_at: AUTO.ends_at, ended_at: null, next_wake_at: null, budget_usd: 20, revision: 1 }], next: null }),
    get("/v1/autonomous-runs/auto_1", AUTO),
    get("/v1/autonomous-runs/auto_1/request", { revision: 1, request: { autonomy: "autonomous", missed: "ask", privacy: "public" } }),
    get("/v1/autonomous-runs/auto_1/timeline", LOG),
    get("/v1/autonomous-runs/auto_1/reports", { items: [] }),
    get("/v1/runs/run_1", RUN),
    get("/v1/runs/run_1/trace", TRACE),
    get("/v1/runs/run_1/timeline", LOG),
    get("/v1/runs/run_1/costs", { total_usd: 0.42, unknown_usd: 0, calls: 3, by_provider: [], by_run: [] }),
    http.post("*/v1/autonomous-runs/readiness", () => HttpResponse.json({ ready: true, problems: [], plan: [], notes: [], asked_outside: false })),
    http.get(`*/v1/runs/run_1/artifacts/${"c".repeat(64)}`, () => HttpResponse.json({ candidates: ["salt"] })),
  );
}

test("runs are listed with what works first, and n starts another", async () => {
  serve();
  const { router } = renderConsole("/runs");
  expect(await screen.findByRole("link", { name: /salt lakes/ })).toHaveAttribute("href", "/runs/run_1");
  expect(await screen.findByRole("link", { name: /\$20\.00 at most/ })).toHaveAttribute("href", "/runs/autonomous/auto_1");
  await expectAccessible();
  await userEvent.keyboard("n");
  await waitFor(() => { expect(router.state.location.pathname).toBe("/runs/start"); });
});

test("a studio without runs is told what one does, and what to do", async () => {
  server.use(get("/v1/runs", { items: [], next: null }), get("/v1/autonomous-runs", { items: [], next: null }));
  renderConsole("/runs");
  expect(await screen.findByText("No autonomous run yet")).toBeVisible();
  expect(screen.getAllByRole("link", { name: "Start an autonomous run" })).toHaveLength(2);
  expect(await screen.findByText("Nothing was made yet")).toBeVisible();
});

test("the timeline has a lane for each agent and queue; keys go through it to the job, the decision and the snapshot", async () => {
  serve();
  renderConsole("/runs/run_1");
  const lanes = await screen.findByRole("group", { name: "Lanes" });
  expect(within(lanes).getByText("scriptwriter")).toBeVisible();
  expect(within(lanes).getByText("cpu")).toBeVisible();
  expect(within(lanes).getAllByRole("button", { name: "embed text, done: waited 5 s, worked 4 s, 2 attempts" })).toHaveLength(2);
  expect(await within(lanes).findByRole("button", { name: "recovered: another process took over" })).toBeVisible();
  await userEvent.keyboard("j");
  expect(await screen.findByText("took too long", { exact: false })).toBeInTheDocument();
  expect(screen.getByRole("region", { name: "Decision: Which template?" })).toHaveTextContent("it is 15 s long");
  await userEvent.click(screen.getByRole("button", { name: "Show what it saw" }));
  expect(await screen.findByText(/"salt"/, { selector: "[aria-label='What it saw']" })).toBeVisible();
  await expectAccessible();
});

test("a production is stopped with a reason; one that ended meanwhile is told in place", async () => {
  serve();
  const asked: unknown[] = [];
  server.use(http.post("*/v1/runs/run_1/stop", async ({ request }) => {
    asked.push(await request.json());
    if (asked.length === 1) return problem(409, "run_finished", "run_1 is published already");
    server.use(get("/v1/runs/run_1", { ...RUN, stop_reason: "wrong topic" }));
    return HttpResponse.json({ ...RUN, stop_reason: "wrong topic" }, { status: 202 });
  }));
  renderConsole("/runs/run_1");
  await screen.findByRole("group", { name: "Lanes" });
  await userEvent.keyboard("s");
  const dialog = await screen.findByRole("dialog", { name: "Stop this production" });
  await userEvent.type(within(dialog).getByLabelText("Why"), "wrong topic{Enter}");
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("published already");
  await userEvent.click(within(dialog).getByRole("button", { name: "Stop it" }));
  expect(await screen.findByText("It is to end: wrong topic")).toBeVisible();
  expect(asked).toEqual([{ reason: "wrong topic" }, { reason: "wrong topic" }]);
});

test("an autonomous run shows its plan, what holds it back and its faults; it is paused, answered and ended", async () => {
  serve();
  const asked: unknown[] = [];
  server.use(
    http.post("*/v1/autonomous-runs/auto_1/pause", () => HttpResponse.json({ ...AUTO, status: "paused", reason: "I look first" }, { status: 202 })),
    http.post("*/v1/autonomous-runs/auto_1/stop", async ({ request }) => {
      asked.push(await request.json());
      return HttpResponse.json({ ...AUTO, status: "stopping" }, { status: 202 });
    }),
    http.post("*/v1/slots/slot_1/answer", async ({ request }) => {
      asked.push(await request.json());
      return HttpResponse.json(SLOT);
    }),
  );
  renderConsole("/runs/autonomous/auto_1");
  expect(await screen.findByText("pulse begins nothing: the day's budget is spent")).toBeVisible();
  expect(await screen.findByText("stopped by trouble")).toBeVisible();
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Show it late" }));
  await waitFor(() => { expect(asked).toEqual([{ catch_up: true }]); });
  await userEvent.keyboard("s");
  const dialog = await screen.findByRole("dialog", { name: "End the autonomous run" });
  await userEvent.click(within(dialog).getByRole("switch"));
  await userEvent.type(within(dialog).getByLabelText("Why"), "enough");
  expect(within(dialog).getByRole("button", { name: "End it now" })).toBeDisabled();
  await userEvent.type(within(dialog).getByLabelText(/Type end/), "end{Enter}");
  await waitFor(() => { expect(asked).toHaveLength(2); });
  expect(asked[1]).toEqual({ reason: "enough", at_once: true });
});

test("who may only look sees no way to start, stop or answer", async () => {
  serve();
  server.use(get("/v1/me", { ...ME, user: { ...ADA, role: "viewer" }, permissions: ["runs:read", "channels:read"] }));
  renderConsole("/runs/autonomous/auto_1");
  expect(await screen.findByText("an operator answers")).toBeVisible();
  expect(screen.queryByRole("button", { name: /Pause|End it/ })).toBeNull();
});
