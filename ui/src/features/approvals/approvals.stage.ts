import { act } from "@testing-library/react";
import { http, HttpResponse, type JsonBodyType } from "msw";

import { get, server, WAITING } from "@/test/service";

import { undo, useDecisions } from "./decisions";
import { ALL, useFilters } from "./filters";

/** A service with questions that wait, as the tests of this place see it. */

export const MANIFEST = "a".repeat(64);
const PASSAGE = { id: "p1", text: "Lake Natron is a salt lake in Tanzania.", title: "Lake Natron", publisher: "Earth Observatory", url: "https://example.org/natron", licence: "public domain", credit: "" };

export function view(at: number) {
  return {
    id: `approval_${String(at)}`, run: "run_1", video: `video_${String(at)}`, channel: "pulse", title: `Topic ${String(at)}`, topic: "salt", provenance: "demo", gate: "video", status: "pending", manifest: MANIFEST,
    action_request: { action: "publish", args: {} }, config: { allow_accept: true, allow_edit: true, allow_respond: true, allow_ignore: true }, description: "", created_at: new Date(Date.now() - at * 60_000).toISOString(), expires_at: null,
    decided_by: null, decided_at: null, decision: null, two_person: false, voices: 0, risks: at % 3, due_at: null,
  };
}

export function detail(at: number) {
  return {
    ...view(at), said: [], understood: null,
    evidence: {
      manifest: { listing: { title: `Topic ${String(at)} explained`, description: "About salt.", tags: ["salt"], privacy: "public", publish_at: null, contains_synthetic_media: true, made_for_kids: false, category: "27" } },
      script: { title: "Salt", sentences: [{ id: "s1", text: "The lake is very salty.", role: "fact", passages: [PASSAGE] }, { id: "s2", text: "Now look closer.", role: "transition", passages: [] }] },
      thumbnails: [], chosen_thumbnail: null, checks: [{ name: "loudness", passed: true, measured: "-14.1 LUFS", limit: "-14 ± 1", severity: "block", stage: "render", at_s: null }], quality: 0.91, cost_usd: 0.42, risks: ["it is demo"], missing: [],
    },
  };
}

const FILE = { kind: "video", digest: "b".repeat(64), url: "/v1/videos/video_1/files/b", media_type: "video/mp4", name: "x.mp4", kept: true };
const PLAYER = { title: "Topic", description: "", language: "en", provenance: "demo", duration_s: 20, width: 1280, height: 720, fps: 30, video: FILE, captions: [{ ...FILE, kind: "captions", media_type: "text/vtt" }], thumbnail: null, chapters: [{ start_s: 0, title: "One" }, { start_s: 9, title: "Two" }], scenes: [], sentences: [] };

export function serve(count: number, decide?: (body: unknown) => Response): unknown[] {
  const decided: unknown[] = [];
  server.use(
    get("/v1/system/waiting", { ...WAITING, approvals: { waiting: count, oldest_s: 60 } }),
    http.get("*/v1/approvals", ({ request }) => {
      const asked = new URL(request.url).searchParams;
      const from = Number(asked.get("cursor") ?? 0);
      const size = Number(asked.get("limit"));
      const items = Array.from({ length: Math.min(size, count - from) }, (_, at) => view(from + at + 1));
      return HttpResponse.json({ items, next: from + size < count ? String(from + size) : null, total: count });
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

/** Nothing is held, refused or narrowed any more. */
export function forgetAll(): void {
  act(() => {
    useFilters.setState(ALL);
    for (const id of useDecisions.getState().held.keys()) undo(id);
    useDecisions.setState({ held: new Map(), sending: new Set(), refused: new Map(), done: new Set(), elsewhere: new Set() });
  });
}
