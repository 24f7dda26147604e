import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { EVERYTHING, get, ME, server } from "@/test/service";

const AT = "2026-11-29T08:00:00Z";
const CHANGE = { id: "change_1", channel: "pulse", field: "tone", value_from: ["calm"], value_to: ["calm", "warm"], why: "three videos kept people longer", evidence: {}, status: "proposed", proposed_by: "crisis_monitor", decided_by: null, decided_at: null, applied_run_id: null, created_at: AT };
const LESSON = { id: "lesson_1", channel: "pulse", video: "video_1", run: null, text: "Questions hold better than figures.", evidence: {}, provenance: "real", created_at: AT };

function serve(lessons: object[], changes: object[]) {
  server.use(
    get("/v1/me", { ...ME, permissions: [...EVERYTHING, "lessons:decide"] }),
    http.get("*/v1/lessons", () => HttpResponse.json({ items: lessons, next: null })),
    http.get("*/v1/personality-changes", () => HttpResponse.json({ items: changes, next: null })),
  );
}

test("memory is asked by meaning, of the kind that is wanted", async () => {
  serve([LESSON], []);
  const asked: string[] = [];
  server.use(http.get("*/v1/memory/search", ({ request }) => {
    asked.push(new URL(request.url).search);
    return HttpResponse.json({ items: asked.length > 1 ? [] : [{ id: "m1", kind: "topic", text: "Lake Natron turned red", similarity: 0.83, channel_id: "pulse", video_id: "video_1" }] });
  }));
  renderConsole("/memory");
  await userEvent.type(await screen.findByLabelText("Anything, in your words"), "colourful lakes{Enter}");
  expect(await screen.findByText("Lake Natron turned red")).toBeVisible();
  expect(screen.getByText("83")).toBeVisible();
  expect(await screen.findByText("Questions hold better than figures.")).toBeVisible();
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Lessons" }));
  expect(await screen.findByText("It remembers nothing of this kind")).toBeVisible();
  expect(asked).toEqual(["?channel=pulse&q=colourful%20lakes&kind=topic&provenance=real&limit=20", "?channel=pulse&q=colourful%20lakes&kind=lesson&provenance=real&limit=20"]);
});

test("a proposed change is decided by a person, and can be taken back", async () => {
  serve([], [CHANGE]);
  const decided: unknown[] = [];
  server.use(http.post("*/v1/personality-changes/change_1/decide", async ({ request }) => {
    decided.push(await request.json());
    serve([], [{ ...CHANGE, status: "approved" }]);
    return HttpResponse.json({ ...CHANGE, status: "approved" });
  }));
  renderConsole("/memory");
  const change = await screen.findByRole("region", { name: "Change of tone" });
  expect(change).toHaveTextContent("three videos kept people longer");
  await userEvent.click(within(change).getByRole("button", { name: "Approve" }));
  expect(await screen.findByRole("button", { name: "Take it back" })).toBeVisible();
  await waitFor(() => { expect(decided).toEqual([{ decision: "approved" }]); });
  await expectAccessible();
});

test("without a channel it says what is missing", async () => {
  serve([], []);
  server.use(get("/v1/channels", { items: [], next: null }));
  renderConsole("/memory");
  expect(await screen.findByText("Nothing can be remembered yet")).toBeVisible();
});
