import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, ME, problem, server } from "@/test/service";

import { forgetAll, MANIFEST, serve } from "./approvals.stage";
import { HELD_MS, useDecisions } from "./decisions";
// Read before the first test, so that no wait for what is shown is a wait for a module.
import "./approvals-page";

/** Let what is held be sent now, without waiting for it. */
async function letPass(): Promise<void> {
  await waitFor(() => { expect(useDecisions.getState().held.size).toBeGreaterThan(0); });
  act(() => { window.dispatchEvent(new Event("pagehide")); });
}

afterEach(forgetAll);

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
  ["approval_decided", "approval approval_1 was accepted by user_2", { state: "accepted", decided_by: "user_2", decided_at: "2026-11-29T10:00:00Z" }, /It was decided elsewhere first: accepted by Ben/],
  ["manifest_changed", "manifest: it changed", {}, /It changed since you looked/],
])("a decision that met %s is told in its place", async (code, words, more, told) => {
  serve(1, () => problem(409, code, words, more));
  renderConsole("/approvals/approval_1");
  await screen.findByRole("heading", { name: "Topic 1 explained" });
  await userEvent.keyboard("a");
  await letPass();
  const alert = await within(screen.getByLabelText("Decision")).findByRole("alert");
  await waitFor(() => { expect(alert).toHaveTextContent(told); });
  await expectAccessible();
});

test("of a thousand that wait only what is seen is drawn, and the rest is read as it is scrolled to", async () => {
  serve(1000);
  renderConsole("/approvals");
  expect(await screen.findByRole("heading", { name: "1,000 waiting" })).toBeVisible();
  // The first is chosen by itself, at an address of its own: from then on the list stays.
  await screen.findByRole("heading", { name: "Topic 1 explained" });
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
