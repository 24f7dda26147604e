import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, ME, problem, server } from "@/test/service";

// Loaded before a test waits for it.
import "./account-page";
import { agentOf } from "./agent";

const AT = "2026-11-29T08:00:00Z";
const HERE = { id: "session_1", address: "10.0.0.7", agent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", created_at: AT, refreshed_at: AT, expires_at: "2026-12-29T08:00:00Z", current: true };
const THERE = { ...HERE, id: "session_2", agent: "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", current: false };
const TOKEN = { id: "token_1", name: "n8n", prefix: "ytp_abcdefgh", scopes: ["me:read", "tasks:create"], created_at: AT, expires_at: null, last_used_at: null };

function serve(tokens: (typeof TOKEN)[] = []) {
  server.use(get("/v1/me", { ...ME, permissions: ["me:read", "me:edit", "tasks:create"] }), get("/v1/me/sessions", { items: [HERE, THERE] }), get("/v1/me/tokens", { items: tokens }));
}

test("sessions are told apart by what they were begun with and ended at once; a token is revoked only on purpose", async () => {
  serve([TOKEN]);
  const ended: unknown[] = [];
  const note = ({ params }: { params: Record<string, unknown> }) => { ended.push(params["id"]); return new HttpResponse(null, { status: 204 }); };
  server.use(http.delete("*/v1/me/sessions/:id", note), http.delete("*/v1/me/tokens/:id", note));
  renderConsole("/account");
  const sessions = await screen.findByRole("list", { name: "Sessions" });
  expect(within(sessions).getByText("Chrome on Linux")).toBeVisible();
  expect(within(sessions).getByText("this one")).toBeVisible();
  expect(within(await screen.findByRole("table", { name: "Tokens" })).getByText("2 scopes")).toBeVisible();
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: /End it: the session of Firefox on Windows/ }));
  await waitFor(() => { expect(ended).toEqual(["session_2"]); });
  await userEvent.click(screen.getByRole("button", { name: "Revoke n8n" }));
  expect(ended).toHaveLength(1);
  await userEvent.click(await screen.findByRole("button", { name: "Revoke it" }));
  await waitFor(() => { expect(ended).toEqual(["session_2", "token_1"]); });
});

test("a password is changed with the current one; tokens go with it unless they are to be kept", async () => {
  serve();
  const sent: unknown[] = [];
  server.use(http.post("*/v1/me/password", async ({ request }) => {
    const body = (await request.json()) as { current: string };
    sent.push(body);
    return body.current === "wrong" ? problem(403, "password_wrong", "current: it is not the password of this account") : HttpResponse.json({ ended: 1, tokens_revoked: 0 });
  }));
  renderConsole("/account");
  const [current, fresh] = [await screen.findByLabelText(/^Current password/), await screen.findByLabelText(/^New password/)];
  expect(screen.getByText(/your programs' tokens are revoked/)).toBeVisible();
  fireEvent.change(fresh, { target: { value: "four quiet harbours" } });
  await userEvent.type(current, "wrong{Enter}");
  expect(await screen.findByText("current: it is not the password of this account")).toBeVisible();
  expect(current).toHaveValue("");
  await userEvent.click(screen.getByLabelText("Let my programs' tokens stay good"));
  fireEvent.change(current, { target: { value: "three quiet harbours" } });
  await userEvent.type(current, "{Enter}");
  expect(await screen.findByText("Your password is changed: 1 other session ended, 0 tokens revoked.")).toBeVisible();
  expect(sent.at(-1)).toEqual({ current: "three quiet harbours", new: "four quiet harbours", keep_tokens: true });
});

test("a token is made by a key, may what was chosen, and is shown once", async () => {
  serve();
  const sent: unknown[] = [];
  server.use(http.post("*/v1/me/tokens", async ({ request }) => { sent.push(await request.json()); return HttpResponse.json({ ...TOKEN, token: "ytp_the-secret" }, { status: 201 }); }));
  renderConsole("/account");
  await screen.findByText("No program acts for you");
  await userEvent.keyboard("n");
  const dialog = await screen.findByRole("dialog", { name: "Make a token for a program" });
  await expectAccessible(dialog);
  await userEvent.type(within(dialog).getByLabelText(/What the program is called/), "n8n");
  await userEvent.click(within(dialog).getByLabelText("ask for tasks"));
  expect(within(dialog).queryByLabelText("see where events are sent")).toBeNull();
  await userEvent.click(within(dialog).getByRole("button", { name: "Make it" }));
  expect(await screen.findByLabelText("Token")).toHaveValue("ytp_the-secret");
  expect(sent).toEqual([{ name: "n8n", scopes: ["me:read", "tasks:create"], days: 90 }]);
  await userEvent.keyboard("{Escape}");
  await userEvent.click(screen.getByRole("button", { name: "I have it" }));
  await waitFor(() => { expect(screen.queryByLabelText("Token")).toBeNull(); });
});

test("browsers are called by what people call them, and programs by their own name", () => {
  expect(agentOf("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18 Safari/605")).toBe("Safari on macOS");
  expect(agentOf("python-httpx/0.28")).toBe("python-httpx/0.28");
  expect(agentOf("")).toBe("Something that gave no name");
});
