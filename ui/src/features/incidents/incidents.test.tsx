import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, server } from "@/test/service";

const INCIDENT = {
  id: "incident_1", kind: "comment_storm", severity: "critical", status: "open", summary: "Comments turned hostile within an hour", signal: "comments", confidence: 0.91, channel: "pulse", run: null, publication: "pub_1",
  opened: new Date(Date.now() - 600_000).toISOString(), resolved: null,
};
const DETAIL = {
  ...INCIDENT,
  timeline: [{ at: INCIDENT.opened, by: "crisis_monitor", what: "opened", detail: "41 of 50 comments" }],
  actions: [{ id: "action_1", action: "make_private", target: "pub_1", status: "done", by: "crisis_monitor", why: "it spreads", reversible: true, reversal: "make_public", before: {}, details: {}, at: INCIDENT.opened, reversed_by: null, reversed_at: null }],
};

test("what is open is listed, and an empty list says who looks", async () => {
  const asked: (string | null)[] = [];
  server.use(http.get("*/v1/incidents", ({ request }) => {
    const status = new URL(request.url).searchParams.get("status");
    asked.push(status);
    return HttpResponse.json({ items: status === "open" ? [INCIDENT] : [], next: null });
  }));
  renderConsole("/incidents");
  expect(await screen.findByText(INCIDENT.summary)).toBeVisible();
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Resolved" }));
  expect(await screen.findByText(/The crisis monitor looks/)).toBeVisible();
  expect(asked).toContain("resolved");
});

test("what was done is taken back with one click, and resolving keeps what came of it", async () => {
  const sent: unknown[] = [];
  server.use(
    get("/v1/incidents/:id", DETAIL),
    http.post("*/v1/incident-actions/:id/reverse", ({ params }) => {
      sent.push(["reverse", params["id"]]);
      return HttpResponse.json(DETAIL);
    }),
    http.post("*/v1/incidents/:id/resolve", async ({ request }) => {
      sent.push(["resolve", await request.json()]);
      return HttpResponse.json(DETAIL);
    }),
  );
  renderConsole("/incidents/incident_1");
  expect(await screen.findByRole("heading", { name: INCIDENT.summary })).toBeVisible();
  expect(screen.getByText("41 of 50 comments")).toBeVisible();
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Take back: make public" }));
  expect(await screen.findByText("What was done is taken back.")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Resolve" }));
  const dialog = await screen.findByRole("dialog", { name: "Resolve it" });
  await userEvent.type(within(dialog).getByLabelText("What came of it"), "calm");
  await userEvent.click(within(dialog).getByRole("button", { name: "Resolve" }));
  await waitFor(() => { expect(sent).toEqual([["reverse", "action_1"], ["resolve", { note: "calm" }]]); });
});
