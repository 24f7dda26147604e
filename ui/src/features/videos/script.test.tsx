import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, problem, server } from "@/test/service";

// Loaded before a test waits for it.
import "./video-page";

const SAID = ["The lake is very salty.", "Few birds can live there.", "Flamingos do."];
const FILE = { kind: "video", digest: "f1", url: "/v1/videos/video_1/files/f1", media_type: "video/mp4", name: "Salt.mp4", kept: true };
const SCRIPT = {
  digest: "d1", title: "Salt", language: "en", licence: "OWN", credits: [], editable: true, why_not: "",
  beats: [{ id: "b1", heading: "The lake", sentences: SAID.map((text, at) => ({ id: `s${String(at + 1)}`, text, role: "fact", citations: ["p1"] })) }],
  passages: [{ id: "p1", text: "It is a salt lake.", title: "Lake Natron", publisher: "Earth Observatory", url: "https://example.org/n", licence: "CC0", credit: "" }],
};
const PLAYER = {
  title: "Salt", description: "", language: "en", provenance: "demo", duration_s: 12, width: 1920, height: 1080, fps: 30, video: FILE, captions: [], thumbnail: null, chapters: [],
  scenes: SAID.map((_, at) => ({ id: `shot0${String(at + 1)}`, start_s: at * 4, end_s: at * 4 + 4, visual: at === 1 ? "number" : "picture", title: "", credit: "NASA", why: "it fits", sentences: [`s${String(at + 1)}`] })),
  sentences: SAID.map((text, at) => ({ id: `s${String(at + 1)}`, start_s: at * 4, end_s: at * 4 + 3.5, text, role: "fact", sources: [] })),
};
const FORESEEN = { scenes: [{ id: "shot02", start_s: 4, end_s: 8, visual: "number", sentences: ["s2"] }], scenes_total: 3, sentences: ["s2"], film_s: 4, film_total_s: 12, work_s: 40, cost_usd: 0, why: "" };

function serve(more: { video?: Record<string, unknown>; player?: Record<string, unknown>; trace?: Record<string, unknown> } = {}): void {
  server.use(
    get("/v1/videos/:id", {
      id: "video_1", channel: "pulse", topic: "salt", title: "Salt", format: "landscape", seconds: 12, provenance: "demo", status: "waiting_for_video", run: "run_1", approval: "approval_1", publish_at: null, published_at: null, publisher: null,
      publication: null, url: null, reasons: [], created_at: "2026-11-29T07:00:00Z", words: "it is made", waits_for: "a person, who decides whether it is published", ...more.video,
    }),
    get("/v1/videos/:id/script", SCRIPT),
    get("/v1/videos/:id/player", { ...PLAYER, ...more.player }),
    get("/v1/videos/:id/files", { items: [FILE] }),
    get("/v1/runs/:id/costs", { total_usd: 0, unknown_usd: 0, calls: 0, by_provider: [], by_run: [] }),
    get("/v1/runs/:id/trace", { jobs: [], snapshots: [], decisions: [], artifacts: [], ...more.trace }),
    http.post("*/v1/videos/:id/script/preview", () => HttpResponse.json(FORESEEN)),
  );
}

async function change(text: string): Promise<HTMLElement> {
  renderConsole("/videos/video_1");
  await userEvent.click(await screen.findByRole("button", { name: /^Edit/ }));
  const form = await screen.findByRole("form", { name: "Edit the script" });
  const field = within(form).getByDisplayValue("Few birds can live there.");
  await userEvent.clear(field);
  await userEvent.type(field, text);
  return form;
}

test("scenes and sentences lead to their place in the film, what is heard is marked, and keys go scene by scene", async () => {
  serve();
  renderConsole("/videos/video_1");
  const strip = await screen.findByRole("group", { name: "Scenes" });
  const cards = within(strip).getAllByRole("button");
  expect(cards.map((one) => one.getAttribute("aria-current"))).toEqual(["true", "false", "false"]);
  await userEvent.click(within(strip).getByRole("button", { name: /^Scene 2, number/ }));
  expect(cards[1]).toHaveAttribute("aria-current", "true");
  const sentence = await screen.findByRole("button", { name: "Few birds can live there." });
  expect(sentence.closest("[aria-current=true]")).not.toBeNull();
  expect(screen.getByRole("slider", { name: "Place in the film" })).toHaveAttribute("aria-valuetext", "0:04 of 0:12, scene 2 of 3, number");
  await userEvent.click(screen.getByRole("button", { name: "Flamingos do." }));
  expect(cards[2]).toHaveAttribute("aria-current", "true");
  await userEvent.keyboard("k");
  expect(cards[1]).toHaveAttribute("aria-current", "true");
  await expectAccessible();
});

test("what an edit makes again is told before it is saved, and it is saved over what was read", async () => {
  serve();
  const sent: unknown[] = [];
  server.use(http.put("*/v1/videos/:id/script", async ({ request }) => {
    sent.push([request.headers.get("if-match"), ((await request.json()) as typeof SCRIPT).beats[0]?.sentences[1]?.text]);
    return HttpResponse.json({ id: "video_1" }, { status: 202 });
  }));
  const form = await change("No bird can.");
  expect(await within(form).findByText("Makes 1 of 3 scenes again (4 s of 12 s), about 40 s, at no cost.")).toBeVisible();
  expect(within(screen.getByRole("group", { name: "Scenes" })).getByText("made again")).toBeVisible();
  expect(within(form).getByLabelText("fact, 1 source, spoken again")).toHaveValue("No bird can.");
  await expectAccessible();
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => { expect(sent).toEqual([['"v1"', "No bird can."]]); });
  expect(await screen.findByText(/Taken. What changed is made again/)).toBeVisible();
  await waitFor(() => { expect(screen.queryByRole("form", { name: "Edit the script" })).toBeNull(); });
});

test("a script that somebody else changed is not overwritten unasked, and a refused edit says why before it is saved", async () => {
  serve();
  const over: (string | null)[] = [];
  server.use(http.put("*/v1/videos/:id/script", ({ request }) => {
    over.push(request.headers.get("if-match"));
    return over.length === 1 ? problem(412, "version_stale", "it was changed since it was read") : problem(409, "no_room_for_edit", "it is being made");
  }));
  const form = await change("No bird can.");
  await userEvent.click(within(form).getByRole("button", { name: "Save it" }));
  expect(await within(form).findByText(/Somebody changed the script since you began/)).toBeVisible();
  await userEvent.click(within(form).getByRole("button", { name: "Save mine over it" }));
  expect(await within(form).findByText(/Somebody else was first: it is being made/)).toBeVisible();
  expect(within(form).getByDisplayValue("No bird can.")).toBeVisible();
  server.use(http.post("*/v1/videos/:id/script/preview", () => problem(422, "invalid", "edit: support: s2 is unsupported")));
  await userEvent.type(within(form).getByDisplayValue("No bird can."), "!");
  expect(await within(form).findByText("edit: support: s2 is unsupported")).toBeVisible();
  expect(within(form).getByRole("button", { name: "Save it" })).toBeDisabled();
});

test("what is not saved is not left by a slip", async () => {
  serve();
  await change("No bird can.");
  await userEvent.click(screen.getByRole("link", { name: /^Trends/ }));
  const dialog = await screen.findByRole("dialog", { name: "Leave without saving?" });
  await userEvent.click(within(dialog).getByRole("button", { name: "Leave it" }));
  await waitFor(() => { expect(screen.queryByRole("dialog")).toBeNull(); });
  expect(screen.getByDisplayValue("No bird can.")).toBeVisible();
});

test("a film whose file is gone says what is kept and what to do, and keeps its scenes and script", async () => {
  serve({ player: { video: { ...FILE, kept: false } } });
  renderConsole("/videos/video_1");
  expect(await screen.findByText("The film's file cannot be read")).toBeVisible();
  expect(screen.getByText(/docs\/backups.md/)).toBeVisible();
  expect(within(screen.getByRole("group", { name: "Scenes" })).getAllByRole("button")).toHaveLength(3);
  expect(await screen.findByText("Flamingos do.")).toBeVisible();
  expect(document.querySelector("video")).toBeNull();
  await expectAccessible();
});

test("how it was made opens to what each agent saw, chose and gave; what is under way shows how far it is", async () => {
  const at = "2026-11-29T07:00:00Z";
  const job = { id: "job_1", node: "render", iteration: 10, ordinal: 0, agent: "production", tool: "render_video", queue: "cpu", state: "running", attempts: 1, progress: 0.4, note: "40 of 100 frames", input: "i", args: null, output: null, result: null, error: null, created_at: at, started_at: at, finished_at: null };
  const decided = { node: "narrate", iteration: 0, agent: "voice_director", decision: { question: "Which voice reads it?", choice: "joe", reasons: ["it is the channel's"] }, created_at: at };
  const report = { digest: "r1", kind: "inspection", media_type: "application/json", bytes: 10, provenance: "demo" };
  serve({ video: { status: "making", approval: null }, trace: { jobs: [job], decisions: [decided], artifacts: [report] } });
  server.use(get("/v1/runs/:id/artifacts/r1", { gates: [{ name: "loudness", passed: true, measured: "-14.0", limit: "-14", severity: "block" }, { name: "black", passed: false, measured: "2 s", limit: "1 s", severity: "warn" }] }));
  renderConsole("/videos/video_1");
  expect(await screen.findByText("40 of 100 frames")).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "How far this step is" })).toHaveAttribute("aria-valuenow", "40");
  const steps = await screen.findByRole("region", { name: "How it was made" });
  await userEvent.click(within(steps).getByText(/voice director, 1 decision/));
  expect(await within(steps).findByText("Which voice reads it?")).toBeVisible();
  expect(await screen.findByText("1 of 2 passed")).toBeVisible();
  await expectAccessible();
});
