import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { ADA, get, ME, problem, server } from "@/test/service";

// Loaded before a test waits for them.
import "./billing/billing-page";
import "./people/people-page";
import "./webhooks/webhooks-page";

const AT = "2026-11-29T08:00:00Z";
const BO = { ...ADA, id: "user_2", email: "bo@example.org", name: "Bo", role: "viewer" } as const;
const HOOK = { id: "endpoint_1", url: "https://example.org/hook", note: "", kinds: ["approval"], paused: false, failures: 0, rests_until: null, two_secrets_until: null, created_by: "user_1", created_at: AT };
const TRY = { at: AT, status: 500, said: "broken", ms: 12 };
const SENT = { id: "delivery_1", endpoint: HOOK.id, kind: "approval.pending", status: "failed", attempts: 9, next_at: AT, give_up_at: AT, created_at: AT, ended_at: AT, tries: [TRY], body: { kind: "approval.pending" } };
const PLAN = { id: "entry", name: "Entry", channels: 5, videos_per_month: 60, autonomy_hours_per_month: 72, for_sale: false };
const PAID = { plan: PLAN, usage: { channels: 5, videos: 6, autonomy_hours: 1.5 }, status: null, grace_until: null, period_ends_at: null, ends: false, plans: [PLAN, { ...PLAN, id: "studio", name: "Studio", for_sale: true }] };

function allow(...more: string[]) {
  server.use(get("/v1/me", { ...ME, permissions: ["me:read", "metrics:read", ...more] }));
}

test("a role is changed from what is shown; what somebody changed meanwhile is said; somebody is let in by a link that is shown once", async () => {
  allow("users:read", "users:manage");
  const sent: unknown[] = [];
  server.use(
    get("/v1/users", { items: [BO, ADA], next: null }),
    get("/v1/users/:id", BO),
    http.patch("*/v1/users/:id", async ({ request, params }) => { sent.push([params["id"], request.headers.get("if-match"), await request.json()]); return HttpResponse.json({ ...BO, role: "operator" }); }),
    http.post("*/v1/users", async ({ request }) => {
      const body = (await request.json()) as { email: string };
      return body.email === BO.email ? problem(409, "user_taken", "email: bo@example.org has a user already") : HttpResponse.json({ user: { ...BO, email: body.email }, secret: "welcome-secret" }, { status: 201 });
    }),
  );
  renderConsole("/system/people");
  const people = await screen.findByRole("table", { name: "People" });
  expect(within(people).getByText("(you)", { exact: false })).toBeVisible();
  await expectAccessible();
  await userEvent.click(within(people).getByRole("combobox", { name: "Role of Bo" }));
  await userEvent.click(await screen.findByRole("option", { name: "operator" }));
  await waitFor(() => { expect(sent).toEqual([["user_2", '"v1"', { role: "operator" }]]); });
  server.use(get("/v1/users/:id", { ...BO, role: "admin" }));
  await userEvent.click(within(people).getByRole("button", { name: "More about Bo" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Let out…" }));
  await userEvent.click(await screen.findByRole("button", { name: "Let them out" }));
  expect((await screen.findAllByText(/Somebody changed Bo meanwhile/))[0]).toBeVisible();
  expect(sent).toHaveLength(1);
  await userEvent.click(screen.getByRole("button", { name: "Leave it" }));
  await userEvent.click(screen.getByRole("button", { name: "Let somebody in" }));
  const dialog = await screen.findByRole("dialog", { name: "Let somebody in" });
  const address = within(dialog).getByLabelText(/Their address/);
  fireEvent.change(address, { target: { value: "bo@example.org" } });
  await userEvent.type(address, "{Enter}");
  expect(await within(dialog).findByText("email: bo@example.org has a user already")).toBeVisible();
  fireEvent.change(address, { target: { value: "cy@example.org" } });
  await userEvent.type(address, "{Enter}");
  expect(await screen.findByLabelText("Link")).toHaveValue(`${location.origin}/welcome#welcome-secret`);
});

test("an address shows what came of every attempt, and what failed is sent again", async () => {
  allow("webhooks:read", "webhooks:manage");
  const again: unknown[] = [];
  server.use(
    get("/v1/webhook-endpoints", { items: [HOOK], next: null }),
    get("/v1/webhook-endpoints/:id", HOOK),
    get("/v1/webhook-endpoints/:id/deliveries", { items: [SENT], next: null }),
    http.post("*/v1/webhook-deliveries/:id/replay", ({ params }) => { again.push(params["id"]); return HttpResponse.json({ ...SENT, status: "waiting" }, { status: 202 }); }),
    http.post("*/v1/webhook-endpoints/:id/rotate", async ({ request }) => { again.push(await request.json()); return HttpResponse.json({ ...HOOK, secret: "the-new-secret" }); }),
  );
  renderConsole("/system/webhooks");
  expect(await screen.findByText("500: broken, after 12 ms")).toBeVisible();
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Send again: approval.pending" }));
  await waitFor(() => { expect(again).toEqual(["delivery_1"]); });
  await userEvent.click(await screen.findByRole("button", { name: "New secret" }));
  await userEvent.click(await screen.findByRole("button", { name: "Make it" }));
  expect(await screen.findByLabelText("Secret")).toHaveValue("the-new-secret");
  expect(again.at(-1)).toEqual({ overlap_hours: 24 });
});

test("with no address the page teaches, and adds one that is refused in place", async () => {
  allow("webhooks:read", "webhooks:manage");
  const sent: unknown[] = [];
  server.use(
    get("/v1/webhook-endpoints", { items: [], next: null }),
    http.post("*/v1/webhook-endpoints", async ({ request }) => { sent.push(await request.json()); return problem(422, "invalid", "url: 10.0.0.1 is private"); }),
  );
  renderConsole("/system/webhooks");
  await screen.findByText("Events are sent nowhere");
  await userEvent.keyboard("n");
  const dialog = await screen.findByRole("dialog", { name: "Add an address" });
  fireEvent.change(within(dialog).getByLabelText(/^Address/), { target: { value: "https://10.0.0.1/" } });
  await userEvent.click(within(dialog).getByRole("button", { name: "* everything" }));
  await userEvent.click(within(dialog).getByRole("button", { name: "Add it" }));
  expect(await within(dialog).findByText("url: 10.0.0.1 is private")).toBeVisible();
  expect(sent).toEqual([{ url: "https://10.0.0.1/", kinds: ["*"], note: "" }]);
  await expectAccessible(dialog);
});

test("the plan shows what is used of it, and a larger one is paid for at Stripe; on a server of one's own nothing is sold", async () => {
  allow("payments:read", "payments:manage");
  server.use(get("/v1/payments", PAID), http.post("*/v1/payments/checkout", () => problem(409, "already_subscribed", "there is a subscription already")));
  const { unmount } = renderConsole("/system/billing");
  expect(await screen.findByText("5 of 5, no more")).toBeVisible();
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Choose Studio" }));
  expect(await screen.findByText("there is a subscription already")).toBeVisible();
  unmount();
  server.use(get("/v1/payments", { ...PAID, plan: { ...PLAN, id: "self_hosted", name: "Self-hosted", channels: null, videos_per_month: null, autonomy_hours_per_month: null } }));
  renderConsole("/system/billing");
  expect(await screen.findByText(/runs on a server of your own/)).toBeVisible();
  expect(screen.queryByRole("table", { name: "Plans" })).toBeNull();
});

test("who may see neither people nor addresses is told who can, and is not led there", async () => {
  server.use(get("/v1/me", { ...ME, permissions: ["me:read", "metrics:read"] }));
  const { router } = renderConsole("/system/people");
  expect(await screen.findByText("An admin lets people in")).toBeVisible();
  expect(screen.queryByRole("tab", { name: "Webhooks" })).toBeNull();
  await router.navigate("/system/webhooks");
  expect(await screen.findByText("An admin says where events are sent")).toBeVisible();
});
