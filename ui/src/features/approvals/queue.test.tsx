import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse, type JsonBodyType } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, server } from "@/test/service";

import { detail, forgetAll, serve, view } from "./approvals.stage";
import { useFilters } from "./filters";
// Read before the first test, so that no wait for what is shown is a wait for a module.
import "./approvals-page";

afterEach(forgetAll);

test("what waits is narrowed by risk and age and ordered by the service, and what nothing fits says so", async () => {
  serve(3);
  const asked: string[] = [];
  server.use(http.get("*/v1/approvals", ({ request }) => {
    const wanted = new URL(request.url).searchParams;
    asked.push(["sort", "risk", "older_s", "gate"].map((name) => wanted.get(name) ?? "-").join(" "));
    const items = wanted.get("risk") === "none" ? [] : [view(1), view(2)];
    return HttpResponse.json({ items, next: null, total: items.length });
  }));
  renderConsole("/approvals/approval_1");
  const list = await screen.findByRole("list", { name: "What waits for you" });
  expect(await within(list).findByText("· 2 risks")).toBeVisible();
  await userEvent.keyboard("oo");
  await waitFor(() => { expect(asked.at(-1)).toBe("riskiest - - -"); });
  await userEvent.click(screen.getByRole("combobox", { name: "Age" }));
  await userEvent.click(await screen.findByRole("option", { name: "Over 1 day" }));
  await waitFor(() => { expect(asked.at(-1)).toBe("riskiest - 86400 -"); });
  expect(await screen.findByRole("heading", { name: "2 that fit" })).toBeVisible();
  await expectAccessible();
  act(() => { useFilters.setState({ risk: "none" }); });
  await waitFor(() => { expect(within(list).queryAllByRole("listitem")).toEqual([]); });
  // Keys act again once the choice is left.
  await userEvent.click(await screen.findByRole("heading", { name: "Topic 1 explained" }));
  await userEvent.keyboard("f");
  await waitFor(() => { expect(asked.at(-1)).toBe("riskiest - - -"); });
});

test("after an answer in words it tells how that was taken and what is different", async () => {
  serve(1);
  const understood = { words: "make it warmer", by: "user_2", at: "2026-11-29T08:00:00Z", taken: "You want more warmth; the opening is friendlier", writer: "a-model", added: ["Come and see."], dropped: ["Look."] };
  server.use(get("/v1/approvals/:id", { ...detail(1), understood } as JsonBodyType));
  renderConsole("/approvals/approval_1");
  const panel = await screen.findByRole("region", { name: "What was understood" });
  await waitFor(() => { expect(panel).toHaveTextContent(/make it warmer.*Ben.*a-model: You want more warmth/); });
  await userEvent.click(within(panel).getByText("1 sentence new, 1 sentence gone"));
  expect(within(panel).getByText("Come and see.")).toBeVisible();
  await expectAccessible(panel);
});

test("what another tab of this browser is deciding is not decided twice", async () => {
  serve(2);
  const tab = new BroadcastChannel("ytempire-decisions");
  renderConsole("/approvals/approval_1");
  await screen.findByRole("heading", { name: "Topic 1 explained" });
  tab.postMessage({ id: "approval_1", held: true });
  expect(await screen.findByText("being decided")).toBeVisible();
  expect(screen.getByText(/Another tab of yours is deciding it/)).toBeVisible();
  expect(screen.getByRole("button", { name: /^Accept/ })).toBeDisabled();
  tab.postMessage({ id: "approval_1", held: false });
  await waitFor(() => { expect(screen.getByRole("button", { name: /^Accept/ })).toBeEnabled(); });
  tab.close();
});
