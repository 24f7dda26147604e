import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { useUi } from "@/session/ui-store";
import { expectAccessible, renderConsole } from "@/test/render-console";
import { FRESH, get, server } from "@/test/service";

// Loaded before anything is waited for: it is the heaviest part of the screen.
import "@/parts/dots-chart";
import "@/parts/series-chart";
import "./views-chart";

const UNKNOWN = { value: null, age_s: null, why: "the platform has not told it yet" };
const known = (value: number) => ({ value, age_s: 3600, why: "" });

function publication(at: number, views: number | null) {
  return {
    publication: `publication_${String(at)}`, run: "run_1", channel: "pulse", publisher: "youtube", provenance: "real", published_at: "2026-11-28T10:00:00Z", url: at === 1 ? "https://youtu.be/x" : "javascript:alert(1)",
    figures: { views: views === null ? UNKNOWN : known(views), likes: known(3), comments: UNKNOWN, impressions: UNKNOWN, ctr: known(0.081) }, days: [], looks: [{ check: "24_hours", status: "planned", due: "2026-11-29T12:00:00Z" }],
  };
}

test("how many come out, and whether forecasts were right, are told in words, as a picture and as a table", async () => {
  const day = { day: "2026-11-29", published: 3, refused: 0, rejected: 0, failed: 1 };
  const forecast = { publication: "p1", channel: "pulse", run: "run_1", provenance: "real", title: "Tides", predicted_at: "2026-11-20T10:00:00Z", settled_at: "2026-11-28T10:00:00Z", expected: 0.4, measured: 0.1, why: "" };
  server.use(
    get("/v1/analytics/videos", { items: [], next: null, freshness: FRESH }),
    get("/v1/analytics/productions", { days: [{ ...day, day: "2026-11-28", published: 0, failed: 0 }, day], freshness: FRESH }),
    get("/v1/analytics/forecasts", { items: [forecast, { ...forecast, publication: "p2", title: "Storms", measured: null, why: "its last look is still to come" }], freshness: FRESH }),
  );
  renderConsole("/analytics");
  expect(await screen.findByText("75% of 4 productions that ended were published.")).toBeVisible();
  expect(await screen.findByRole("img", { name: "Productions a day: of 4, 3 published" })).toBeInTheDocument();
  expect(screen.getByText(/One forecast was off by 30 points; .* 1 more cannot be judged yet/)).toBeVisible();
  expect(await screen.findByRole("img", { name: "Expected and measured growth of 1 topic: +40% and +10%" })).toBeInTheDocument();
  await userEvent.click(screen.getAllByText("As a table")[1] as HTMLElement);
  expect(within(screen.getByRole("table", { name: "Were the forecasts right?" })).getByText("its last look is still to come")).toBeVisible();
  await expectAccessible();
});

test("what is known of each publication is told with its age, and what is not with its reason", async () => {
  server.use(http.get("*/v1/analytics/videos", ({ request }) => {
    const further = new URL(request.url).searchParams.get("cursor") !== null;
    return HttpResponse.json({ items: further ? [publication(3, 7)] : [publication(1, 1200), publication(2, null)], next: further ? null : "c", freshness: FRESH });
  }));
  renderConsole("/analytics");
  const table = await screen.findByRole("table", { name: "Publications" });
  expect(within(table).getByText("1,200")).toBeVisible();
  expect(within(table).getAllByText("8.1%")[0]).toBeVisible();
  expect(within(table).getAllByText("not known")[0]).toHaveAccessibleName("the platform has not told it yet");
  expect(within(table).getAllByRole("link")).toHaveLength(1);
  expect(await screen.findByRole("img", { name: /^Views of 1 publications/ })).toBeInTheDocument();
  expect(screen.getByText("1 publication left out, whose views are not known.")).toBeVisible();
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Show older ones" }));
  expect(await screen.findByRole("img", { name: /the oldest first: 7, 1,200/ })).toBeInTheDocument();
});

test("a channel's sums say over how many they go; nothing published teaches what will come", async () => {
  server.use(
    get("/v1/analytics/videos", { items: [], next: null, freshness: FRESH }),
    get("/v1/analytics/channels/pulse", { channel: "pulse", publications: 9, figures: { views: { value: 5400, age_s: 7200, why: "", known_of: 8 }, likes: { value: null, age_s: null, why: "no reading yet", known_of: 0 } }, freshness: FRESH }),
  );
  renderConsole("/analytics");
  useUi.setState({ channel: "pulse" });
  expect(await screen.findByText("5,400")).toBeVisible();
  expect(screen.getByText("of 8 of the newest 9; up to 2 h old")).toBeVisible();
  expect(screen.getByText("no reading yet")).toBeVisible();
  expect(await screen.findByText("Nothing was published yet")).toBeVisible();
  await expectAccessible();
});
