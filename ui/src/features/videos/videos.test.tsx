import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http } from "msw";

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
