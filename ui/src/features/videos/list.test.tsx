import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { server } from "@/test/service";

import "./board";
import "./videos-page";

const FIVE_THOUSAND = 5_000;

function video(at: number, more: Record<string, unknown> = {}) {
  return { id: `video_${String(at)}`, channel: "pulse", topic: "salt", title: `Video ${String(at)}`, format: "landscape", seconds: 60, provenance: "demo", status: "published", run: "run_1", approval: null, publish_at: null, published_at: "2026-11-29T08:00:00Z", publisher: "library", url: null, cost_usd: 0.42, reasons: [], created_at: "2026-11-29T07:00:00Z", ...more };
}

/** What was asked of the list, newest last. */
function serve(items: readonly Record<string, unknown>[]): URLSearchParams[] {
  const asked: URLSearchParams[] = [];
  server.use(http.get("*/v1/videos", ({ request }) => {
    asked.push(new URL(request.url).searchParams);
    return HttpResponse.json({ items, next: null });
  }));
  return asked;
}

test("five thousand videos are drawn only as far as they are seen, and filtered by status in the address", async () => {
  const asked = serve(Array.from({ length: FIVE_THOUSAND }, (_, at) => video(at)));
  renderConsole("/videos?status=published");
  expect(await screen.findByText("Video 0")).toBeVisible();
  const list = screen.getByRole("list", { name: "Videos" });
  const rows = within(list).getAllByRole("listitem");
  expect(rows.length).toBeLessThan(60);
  expect(rows[0]).toHaveAttribute("aria-setsize", String(FIVE_THOUSAND));
  expect(asked.at(-1)?.getAll("status")).toEqual(["published"]);
  expect(within(list).getAllByText("$0.42").length).toBe(rows.length);
  await expectAccessible();
});

test("columns order by their heads, words find titles, and both stand in the address", async () => {
  const asked = serve([video(1)]);
  const { router } = renderConsole("/videos");
  await userEvent.click(await screen.findByRole("button", { name: "Order by title" }));
  await userEvent.click(await screen.findByRole("button", { name: "Title, ascending: turn round" }));
  await waitFor(() => { expect(asked.at(-1)?.get("sort")).toBe("-title"); });
  await userEvent.type(screen.getByRole("searchbox", { name: "Find by title" }), "salt lake");
  await waitFor(() => { expect(asked.at(-1)?.get("search")).toBe("salt lake"); });
  expect(router.state.location.search).toBe("?sort=-title&search=salt+lake");
});

test("a search that finds nothing says so and leads back", async () => {
  const asked = serve([]);
  renderConsole("/videos?search=nowhere");
  expect(await screen.findByText("No video is like that")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Show all" }));
  expect(await screen.findByText("No video yet")).toBeVisible();
  expect(asked.at(-1)?.has("search")).toBe(false);
});

test("a view is saved under a name with its columns, shown again and forgotten", async () => {
  serve([video(1)]);
  const { router } = renderConsole("/videos?sort=title");
  await userEvent.click(await screen.findByRole("button", { name: "View" }));
  await userEvent.click(screen.getByRole("menuitemcheckbox", { name: "Channel" }));
  await userEvent.click(screen.getByRole("menuitem", { name: /Save what you see/ }));
  await userEvent.type(screen.getByRole("textbox", { name: "Name" }), "By title{Enter}");
  expect(router.state.location.search).toBe("?sort=title&without=channel");
  await waitFor(() => { expect(screen.queryByRole("dialog")).toBeNull(); });
  await userEvent.click(await screen.findByRole("button", { name: "By title" }));
  await expectAccessible();
  await userEvent.click(screen.getByRole("menuitem", { name: "Forget By title" }));
  expect(await screen.findByRole("button", { name: "View" })).toBeVisible();
  expect(localStorage.getItem("ytempire-video-views")).toContain('"user_1":[]');
});

test("the board shows where each stands, whatever a column was answered with", async () => {
  const asked = serve([video(1), video(2, { status: "making", published_at: null }), video(3, { status: "failed" })]);
  renderConsole("/videos?shape=board");
  expect(await within(await screen.findByRole("region", { name: "Being made" })).findByText("Video 2")).toBeVisible();
  expect(await within(screen.getByRole("region", { name: "Ended" })).findByText("Video 3")).toBeVisible();
  expect(asked.some((one) => one.getAll("status").join() === "making,paused,stopping")).toBe(true);
  await expectAccessible();
});
