import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, problem, server } from "@/test/service";

// Read before the first test, so that no wait for what is shown is a wait for a module.
import "./run-page";

const AT = "2026-11-29T08:00:00Z";
const RUN = { id: "run_1", kind: "production", channel: "pulse", video: null, autonomous_run: "auto_1", status: "running", topic: "salt lakes", title: "", provenance: "live", reasons: [], error: null, stop_reason: null, paused: null, approval: null, created_at: AT, started_at: AT, finished_at: null, request: {} };

function serve(): void {
  server.use(
    get("/v1/runs/run_1", RUN),
    get("/v1/runs/run_1/trace", { jobs: [], artifacts: [], snapshots: [], decisions: [] }),
    get("/v1/runs/run_1/timeline", { items: [], next: "0" }),
    get("/v1/runs/run_1/costs", { total_usd: 0.42, unknown_usd: 0, calls: 3, by_provider: [], by_run: [] }),
  );
}

test("a production is paused by a key and goes on from the toast; who paused it and why stays on its page", async () => {
  serve();
  const asked: string[] = [];
  const paused = { ...RUN, status: "paused", paused: { by: "user_2", at: AT, reason: "its voice is wrong" } };
  server.use(
    http.post("*/v1/runs/run_1/pause", () => {
      asked.push("pause");
      server.use(get("/v1/runs/run_1", paused));
      return HttpResponse.json(paused, { status: 202 });
    }),
    http.post("*/v1/runs/run_1/resume", () => {
      asked.push("resume");
      server.use(get("/v1/runs/run_1", RUN));
      return HttpResponse.json(RUN, { status: 202 });
    }),
  );
  renderConsole("/runs/run_1");
  await screen.findByRole("button", { name: "Pause" });
  await userEvent.keyboard("p");
  expect(await screen.findByText(/It rests/)).toBeVisible();
  expect(await screen.findByText(/its voice is wrong/)).toBeVisible();
  expect(await screen.findByText("Ben")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Pause" })).toBeNull();
  // The toast's while it is there, else the page's own: both let it go on.
  await userEvent.click(screen.getAllByRole("button", { name: "Let it go on" }).at(-1) as HTMLElement);
  expect(await screen.findByRole("button", { name: "Pause" })).toBeVisible();
  await waitFor(() => { expect(screen.queryByText(/its voice is wrong/)).toBeNull(); });
  await expectAccessible();
  expect(asked).toEqual(["pause", "resume"]);
});

test("one whose publication has begun is not paused, and the reason is told", async () => {
  serve();
  server.use(http.post("*/v1/runs/run_1/pause", () => problem(409, "publication_begun", "its publication has begun and is not paused half-way")));
  renderConsole("/runs/run_1");
  await userEvent.click(await screen.findByRole("button", { name: "Pause" }));
  expect(await screen.findByText(/not paused half-way/)).toBeVisible();
});
