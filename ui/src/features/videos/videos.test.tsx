import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, problem, server } from "@/test/service";

function video(at: number, more: Record<string, unknown> = {}) {
  return {
    id: `video_${String(at)}`, channel: "pulse", topic: "salt", title: `Video ${String(at)}`, format: "landscape", seconds: 60, provenance: "demo", status: "published", run: "run_1", approval: null, publish_at: null,
    published_at: "2026-11-29T08:00:00Z", publisher: "local_library", url: null, reasons: [], created_at: "2026-11-29T07:00:00Z", ...more,
  };
}

const SCRIPT = {
  digest: "d", title: "Salt", language: "en", licence: "OWN", credits: [], editable: false, why_not: "it is published; pull it back and make another",
  beats: [{ id: "b1", heading: "The lake", sentences: [{ id: "s1", text: "The lake is very salty.", role: "fact", citations: ["p1"] }] }],
  passages: [{ id: "p1", text: "It is a salt lake.", title: "Lake Natron", publisher: "Earth Observatory", url: "https://example.org/n", licence: "CC0", credit: "" }],
};

function serveOne(more: Record<string, unknown> = {}): void {
  server.use(
    get("/v1/videos/:id", { ...video(1, more), words: "it can be seen", waits_for: null }),
    get("/v1/videos/:id/script", SCRIPT),
    http.get("*/v1/videos/:id/player", () => problem(404, "artifact_unknown", "it is not rendered yet")),
    get("/v1/videos/:id/files", { items: [] }),
    get("/v1/runs/:id/costs", { total_usd: 0.42, unknown_usd: 0, calls: 7, by_provider: [{ key: "openai", usd: 0.42, calls: 7 }], by_run: [] }),
  );
}

test("five thousand videos are drawn only as far as they are seen, and filtered by status in the address", async () => {
  const asked: string[] = [];
  server.use(http.get("*/v1/videos", ({ request }) => {
    const wanted = new URL(request.url).searchParams;
    asked.push(wanted.get("status") ?? "");
    return HttpResponse.json({ items: Array.from({ length: Number(wanted.get("limit")) }, (_, at) => video(at)), next: "more" });
  }));
  renderConsole("/videos?status=published");
  const list = await screen.findByRole("list", { name: "Videos" });
  expect(await within(list).findByText("Video 0")).toBeVisible();
  expect(within(list).getAllByRole("listitem").length).toBeLessThan(60);
  expect(asked).toContain("published");
  await expectAccessible();
});

test("the board shows where each stands", async () => {
  server.use(get("/v1/videos", { items: [video(1), video(2, { status: "making", published_at: null }), video(3, { status: "failed" })], next: null }));
  renderConsole("/videos");
  await userEvent.click(await screen.findByRole("button", { name: "Board" }));
  expect(within(await screen.findByRole("region", { name: "Being made" })).getByText("Video 2")).toBeVisible();
  expect(within(screen.getByRole("region", { name: "Ended" })).getByText("Video 3")).toBeVisible();
  await expectAccessible();
});

test("a video is told in words, with its script, sources and cost; what is not there yet says so", async () => {
  serveOne();
  renderConsole("/videos/video_1");
  expect(await screen.findByRole("heading", { name: "Video 1" })).toBeVisible();
  expect(screen.getByText("It can be seen.")).toBeVisible();
  expect(await screen.findByText("There is no film yet")).toBeVisible();
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
