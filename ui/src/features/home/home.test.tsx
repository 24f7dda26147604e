import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { FRESH, get, PERSONALITY, server } from "@/test/service";

// Loaded before anything is waited for: they are the heaviest parts of the screen.
import "@/parts/series-chart";
import "./first-run-page";
import "./home-page";

test("what waits for a person comes first, and whether it piles up is told", async () => {
  const at = (hour: string, approvals: number) => ({ at: `2026-11-29T${hour}:00:00Z`, queues: {}, approvals, oldest_approval_s: approvals * 3600 });
  server.use(get("/v1/analytics/waiting", { moments: [at("08", 0), at("09", 3), at("10", 2)], freshness: FRESH }));
  renderConsole("/");
  expect(await screen.findByText("2 approvals now, 3 at most; the longest had waited 3 h.")).toBeVisible();
  expect(await screen.findByRole("img", { name: "Approvals that waited over 7 days: 3 at most, 2 now" })).toBeInTheDocument();
  const places = within(screen.getByRole("main")).getAllByRole("region").map((one) => one.getAttribute("aria-label") ?? one.querySelector("h2")?.textContent);
  expect(places[0]).toBe("Waits for you");
  await userEvent.click(screen.getByText("As a table"));
  expect(within(screen.getByRole("table", { name: "Does what waits for you pile up?" })).getByText("2 h")).toBeVisible();
  await expectAccessible();
});

test("a first channel is chosen by what it looks and sounds like", async () => {
  server.use(get("/v1/channels", { items: [], next: null }), get("/v1/personalities", { items: [PERSONALITY] }));
  renderConsole("/first-run");
  expect(await screen.findByText("Choose one, and see and hear it")).toBeVisible();
  await userEvent.click(await screen.findByRole("radio", { name: /Pulse/ }));
  expect(await screen.findByRole("img", { name: "A thumbnail in the look of Pulse" })).toBeInTheDocument();
  expect(screen.getByText("joe-medium, a voice of this machine, at 152 words a minute")).toBeVisible();
  await expectAccessible();
});
