import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse, type JsonBodyType } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, ME, problem, server, WAITING } from "@/test/service";

import { HELD_MS, undo, useDecisions } from "./decisions";

const MANIFEST = "a".repeat(64);
const PASSAGE = { id: "p1", text: "Lake Natron is a salt lake in Tanzania.", title: "Lake Natron", publisher: "Earth Observatory", url: "https://example.org/natron", licence: "public domain", credit: "" };

function view(at: number) {
  return {
    id: `approval_${String(at)}`, run: "run_1", video: `video_${String(at)}`, channel: "pulse", title: `Topic ${String(at)}`, topic: "salt", provenance: "demo", gate: "video", status: "pending", manifest: MANIFEST,
    action_request: { action: "publish", args: {} }, config: { allow_accept: true, allow_edit: true, allow_respond: true, allow_ignore: true }, description: "", created_at: new Date(Date.now() - at * 60_000).toISOString(), expires_at: null,
    decided_by: null, decided_at: null, decision: null, two_person: false, voices: 0,
  };
}

function detail(at: number) {
  return {
    ...view(at), said: [],
    evidence: {
      manifest: { listing: { title: `Topic ${String(at)} explained`, description: "About salt.", tags: ["salt"], privacy: "public", publish_at: null, contains_synthetic_media: true, made_for_kids: false, category: "27" } },
      script: { title: "Salt", sentences: [{ id: "s1", text: "The lake is very salty.", role: "fact", passages: [PASSAGE] }, { id: "s2", text: "Now look closer.", role: "transition", passages: [] }] },
      thumbnails: [], chosen_thumbnail: null, checks: [{ name: "loudness", passed: true, measured: "-14.1 LUFS", limit: "-14 ± 1", severity: "block", stage: "render", at_s: null }], quality: 0.91, cost_usd: 0.42, risks: ["it is demo"], missing: [],
    },
  };
}

const FILE = { kind: "video", digest: "b".repeat(64), url: "/v1/videos/video_1/files/b", media_type: "video/mp4", name: "x.mp4" };
const PLAYER = { title: "Topic", description: "", language: "en", provenance: "demo", duration_s: 20, width: 1280, height: 720, fps: 30, video: FILE, captions: [{ ...FILE, kind: "captions", media_type: "text/vtt" }], thumbnail: null, chapters: [{ start_s: 0, title: "One" }, { start_s: 9, title: "Two" }] };

function serve(count: number, decide?: (body: unknown) => Response): unknown[] {
  const decided: unknown[] = [];
  server.use(
    get("/v1/system/waiting", { ...WAITING, approvals: { waiting: count, oldest_s: 60 } }),
    http.get("*/v1/approvals", ({ request }) => {
      const asked = new URL(request.url).searchParams;
      const from = Number(asked.get("cursor") ?? 0);
      const size = Number(asked.get("limit"));
      const items = Array.from({ length: Math.min(size, count - from) }, (_, at) => view(from + at + 1));
      return HttpResponse.json({ items, next: from + size < count ? String(from + size) : null });
    }),
    http.get("*/v1/approvals/:id", ({ params }) => HttpResponse.json(detail(Number(String(params["id"]).split("_")[1])) as JsonBodyType)),
    get("/v1/videos/:id/player", PLAYER),
    http.post("*/v1/approvals/:id/decision", async ({ request, params }) => {
      const body = await request.json();
      decided.push({ id: params["id"], key: request.headers.get("idempotency-key")?.length, body });
      return decide?.(body) ?? HttpResponse.json(view(1));
    }),
  );
  return decided;
}

/** Let what is held be sent now, without waiting for it. */
async function letPass(): Promise<void> {
  await waitFor(() => { expect(useDecisions.getState().held.size).toBeGreaterThan(0); });
  act(() => { window.dispatchEvent(new Event("pagehide")); });
}

afterEach(() => {
  act(() => {
    for (const id of useDecisions.getState().held.keys()) undo(id);
    useDecisions.setState({ held: new Map(), sending: new Set(), refused: new Map(), done: new Set() });
  });
});

test("everything that speaks for and against it is there, and reachable", async () => {
  serve(3);
  renderConsole("/approvals");
  expect(await screen.findByRole("heading", { name: "Topic 1 explained" })).toBeVisible();
  expect(screen.getByRole("heading", { name: "3 waiting" })).toBeVisible();
  expect(screen.getByRole("link", { name: /^Approvals ?3$/ })).toBeVisible();
  expect(await screen.findByLabelText("Film: Topic")).toBeInTheDocument();
  expect(document.querySelector("track")).toHaveAttribute("kind", "captions");
  expect(screen.getByRole("link", { name: "Lake Natron" })).toHaveAttribute("href", "https://example.org/natron");
  expect(screen.getByText("it is demo")).toBeVisible();
  expect(screen.getByText("-14.1 LUFS")).toBeVisible();
  await expectAccessible();
});

test("a accepts exactly what was seen, goes on to the next, and has its effect after the undo window", async () => {
  const decided = serve(3);
  const { router } = renderConsole("/approvals/approval_1");
  await screen.findByRole("heading", { name: "Topic 1 explained" });
  await userEvent.keyboard("a");
  expect(await screen.findByText("Accepted")).toBeVisible();
  await waitFor(() => { expect(router.state.location.pathname).toBe("/approvals/approval_2"); });
  expect(decided).toEqual([]);
  const held = useDecisions.getState().held.get("approval_1");
  expect(Math.abs((held?.until ?? 0) - Date.now() - HELD_MS)).toBeLessThan(HELD_MS);
  await letPass();
  await waitFor(() => { expect(decided).toEqual([{ id: "approval_1", key: 32, body: { type: "accept", manifest: MANIFEST } }]); });
});

test("what is taken back within the window never happened", async () => {
  const decided = serve(2);
  renderConsole("/approvals/approval_1");
  await screen.findByRole("heading", { name: "Topic 1 explained" });
  await userEvent.keyboard("x");
  await userEvent.click(await screen.findByRole("button", { name: /Undo/ }));
  await waitFor(() => { expect(screen.queryByText("Ignored")).toBeNull(); });
  window.dispatchEvent(new Event("pagehide"));
  expect(useDecisions.getState().held.size).toBe(0);
  expect(decided).toEqual([]);
});

test("r answers in words; j and k move, and do nothing while somebody types", async () => {
  const decided = serve(3);
  const { router } = renderConsole("/approvals/approval_1");
  await screen.findByRole("heading", { name: "Topic 1 explained" });
  await userEvent.keyboard("j");
  await screen.findByRole("heading", { name: "Topic 2 explained" });
  await userEvent.keyboard("k");
  await screen.findByRole("heading", { name: "Topic 1 explained" });
  await userEvent.keyboard("r");
  const dialog = await screen.findByRole("dialog", { name: "What should change?" });
  await userEvent.type(within(dialog).getByLabelText("In your words"), "jak");
  await expectAccessible(dialog);
  expect(router.state.location.pathname).toBe("/approvals/approval_1");
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await letPass();
  await waitFor(() => { expect(decided).toMatchObject([{ body: { type: "response", args: "jak", manifest: MANIFEST } }]); });
});

test("e sends only what was changed", async () => {
  const decided = serve(1);
  renderConsole("/approvals/approval_1");
  await screen.findByRole("heading", { name: "Topic 1 explained" });
  await userEvent.keyboard("e");
  const dialog = await screen.findByRole("dialog", { name: "Edit" });
  const title = within(dialog).getByLabelText(/^Title/);
  await userEvent.clear(title);
  await userEvent.type(title, "Salt, closer");
  await expectAccessible(dialog);
  await userEvent.click(within(dialog).getByRole("button", { name: "Change it" }));
  await letPass();
  await waitFor(() => { expect(decided).toMatchObject([{ body: { type: "edit", args: { title: "Salt, closer" }, manifest: MANIFEST } }]); });
});

test.each([
  ["approval_decided", "approval approval_1 was accepted by user_2", { status: "accepted", decided_by: "user_2", decided_at: "2026-11-29T10:00:00Z" }, /Someone else decided: it was accepted by user_2/],
  ["manifest_changed", "manifest: it changed", {}, /It changed since you looked/],
])("a decision that met %s is told in its place", async (code, words, more, told) => {
  serve(1, () => problem(409, code, words, more));
  renderConsole("/approvals/approval_1");
  await screen.findByRole("heading", { name: "Topic 1 explained" });
  await userEvent.keyboard("a");
  await letPass();
  expect(await within(screen.getByLabelText("Decision")).findByRole("alert")).toHaveTextContent(told);
  await expectAccessible();
});

test("of a thousand that wait only what is seen is drawn, and the rest is read as it is scrolled to", async () => {
  serve(1000);
  renderConsole("/approvals");
  expect(await screen.findByRole("heading", { name: "1,000 waiting" })).toBeVisible();
  await screen.findByText("Topic 1");
  const list = screen.getByRole("list", { name: "What waits for you" });
  expect(within(list).getAllByRole("listitem").length).toBeLessThan(60);
  expect(within(list).getAllByRole("listitem")[0]).toHaveAttribute("aria-setsize", "200");
  Object.defineProperty(list, "scrollTop", { value: 195 * 60, writable: true });
  fireEvent.scroll(list);
  await waitFor(() => { expect(within(list).getAllByRole("listitem")[0]).toHaveAttribute("aria-setsize", "400"); });
});

test("who may only look is told who decides, and an empty inbox says so", async () => {
  serve(1);
  server.use(get("/v1/me", { ...ME, permissions: ["me:read", "approvals:read", "videos:read"] }));
  const { unmount } = renderConsole("/approvals/approval_1");
  expect(await screen.findByText(/An operator or admin decides/)).toBeVisible();
  expect(screen.queryByRole("button", { name: /Accept/ })).toBeNull();
  unmount();
  serve(0);
  renderConsole("/approvals");
  expect(await screen.findByText("Nothing waits for you")).toBeVisible();
});
