import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { ADA, get, ME, problem, server, SIGNED } from "@/test/service";

// Loaded before anything is waited for: nearly every test ends there.
import "@/features/home/home-page";

test("nobody is led to the sign-in and comes back to where they were going", async () => {
  server.use(http.post("*/v1/auth/refresh", () => problem(401, "unauthenticated", "nobody")));
  const { router } = renderConsole("/channels?tab=1");
  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(router.state.location.search).toBe("?next=%2Fchannels%3Ftab%3D1");
  await expectAccessible();
});

test("a wrong password is told, and the right one lets in", async () => {
  server.use(
    http.post("*/v1/auth/refresh", () => problem(401, "unauthenticated", "nobody")),
    http.post("*/v1/auth/login", async ({ request }) => ((await request.json()) as { password: string }).password === "correct horse" ? HttpResponse.json(SIGNED) : problem(401, "unauthenticated", "email, password: no such pair")),
  );
  renderConsole("/");
  await userEvent.type(await screen.findByLabelText(/Your address/), "ada@example.org");
  await userEvent.type(screen.getByLabelText(/^Password/), "wrong");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("no such pair");
  expect(screen.getByLabelText(/^Password/)).toHaveValue("");
  await userEvent.type(screen.getByLabelText(/^Password/), "correct horse{Enter}");
  expect(await screen.findByRole("heading", { name: "Home", level: 1 })).toBeVisible();
});

test("a service that is away is told as such, and tried again", async () => {
  server.use(http.post("*/v1/auth/refresh", () => HttpResponse.error(), { once: true }));
  renderConsole("/");
  await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { name: "Home", level: 1 })).toBeVisible();
});

test("a place that a role does not show says who can change that", async () => {
  server.use(get("/v1/me", { ...ME, user: { ...ADA, role: "viewer" }, permissions: ["me:read"] }));
  renderConsole("/");
  expect(await screen.findByText(/You are viewer here/)).toHaveTextContent("videos:read");
});

test("keys go places and list themselves; the palette makes a task of a topic", async () => {
  const asked: unknown[] = [];
  server.use(http.post("*/v1/tasks", async ({ request }) => {
    asked.push(await request.json());
    return HttpResponse.json({ id: "task_1", what: "lake natron", reason: "" }, { status: 201 });
  }));
  renderConsole("/");
  await screen.findByRole("heading", { name: "Home", level: 1 });
  await userEvent.keyboard("?");
  const sheet = await screen.findByRole("dialog", { name: "Keys" });
  expect(within(sheet).getByText("go to Home")).toBeVisible();
  await expectAccessible(sheet);
  await userEvent.keyboard("{Escape}");
  await waitFor(() => { expect(screen.queryByRole("dialog")).toBeNull(); });
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.type(await screen.findByRole("combobox", { name: "Search and commands" }), "lake natron");
  await expectAccessible(screen.getByRole("dialog"));
  await userEvent.keyboard("{Enter}");
  await waitFor(() => { expect(asked).toEqual([{ kind: "topic", topic: "lake natron", priority: "normal" }]); });
  expect(await screen.findByText(/The topic is queued/)).toBeVisible();
});

test("everything stops only behind a typed word and a reason", async () => {
  const asked: unknown[] = [];
  server.use(http.post("*/v1/switches/engage", async ({ request }) => {
    asked.push(await request.json());
    return HttpResponse.json({ items: [{ scope: "all", reason: "it spends", by: "user_1", since: new Date().toISOString() }] });
  }));
  renderConsole("/");
  await userEvent.click(await screen.findByRole("button", { name: "Stop" }));
  const dialog = await screen.findByRole("dialog", { name: "Stop everything" });
  const button = within(dialog).getByRole("button", { name: "Stop everything" });
  await userEvent.type(within(dialog).getByLabelText("Why"), "it spends");
  expect(button).toBeDisabled();
  await userEvent.type(within(dialog).getByLabelText(/Type stop/), "stop");
  await expectAccessible(dialog);
  await userEvent.click(button);
  expect(await screen.findByRole("button", { name: "Everything is stopped" })).toBeVisible();
  expect(asked).toEqual([{ scope: "all", reason: "it spends" }]);
});

test("a window without room for the rail has the places behind a button, until one is chosen", async () => {
  const { router } = renderConsole("/account");
  await userEvent.click(await screen.findByRole("button", { name: "Places" }));
  const places = await screen.findByRole("dialog", { name: "Places" });
  await userEvent.click(within(places).getByRole("link", { name: "Memory" }));
  expect(router.state.location.pathname).toBe("/memory");
  await waitFor(() => { expect(screen.queryByRole("dialog", { name: "Places" })).toBeNull(); });
});
